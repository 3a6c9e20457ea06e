import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { childEnvironment } from '@latchkey/config';
import type { MachineTelemetry } from '@latchkey/contracts';
import type { MachineGauges } from './machine-gauges.ts';
import { machineOfTegrastats } from './tegrastats-line.ts';

/** Twice as often as telemetry is told. */
const everyMs = 5_000;
/** Pause after an end that nobody asked for. */
const restartMs = 60_000;

/** NVIDIA's `tegrastats`, which only Jetsons have; on other machines it shows nothing. */
export class TegrastatsGauges implements MachineGauges {
  private readonly program: string;
  private child: ChildProcess | null = null;
  private restarting: NodeJS.Timeout | null = null;
  private shown: MachineTelemetry | null = null;

  /** @param program name or path. */
  constructor(program = 'tegrastats') {
    this.program = program;
  }

  start(): void {
    if (this.child || this.restarting) return;
    const child = spawn(this.program, ['--interval', String(everyMs)], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: childEnvironment({}),
    });
    this.child = child;
    createInterface(child.stdout).on('line', (line) => {
      if (this.child === child) this.shown = machineOfTegrastats(line) ?? this.shown;
    });
    let isMissing = false;
    child.once('error', ({ code }: NodeJS.ErrnoException) => {
      isMissing = code === 'ENOENT';
    });
    child.once('close', () => {
      if (this.child !== child) return;
      this.child = null;
      this.shown = null;
      if (isMissing) return;
      this.restarting = setTimeout(() => {
        this.restarting = null;
        this.start();
      }, restartMs);
      this.restarting.unref();
    });
  }

  stop(): void {
    const { child, restarting } = this;
    this.child = null;
    this.restarting = null;
    this.shown = null;
    if (restarting) clearTimeout(restarting);
    child?.kill();
  }

  async read(): Promise<MachineTelemetry | null> {
    return this.shown;
  }
}
