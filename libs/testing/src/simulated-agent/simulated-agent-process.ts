import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { LatchkeyError } from '@latchkey/domain';
import {
  type SimulatedAgentGoal,
  type SimulatedAgentReport,
  type SimulatedAgentTask,
  simulatedAgentReport,
} from './messages.ts';

const program = fileURLToPath(new URL('../../dist/simulated-agent/main.js', import.meta.url));

/** A {@link SimulatedAgent} in a process of its own, compiled, that a test kills and starts again on the same disk. */
export class SimulatedAgentProcess {
  private readonly task: SimulatedAgentTask;
  private goal: number;
  private readonly reports: SimulatedAgentReport[] = [];
  private child: ChildProcess | null = null;

  constructor(task: SimulatedAgentTask) {
    this.task = task;
    this.goal = task.events;
  }

  /** Every event that some run has reported to be on disk. */
  get appended(): Extract<SimulatedAgentReport, { type: 'appended' }>[] {
    return this.reports.filter((report) => report.type === 'appended');
  }

  /** Whether as many events are on disk as it shall append. */
  get complete(): boolean {
    return this.reports.some((report) => report.type === 'complete' && report.events >= this.goal);
  }

  /** Whether all of them were acknowledged. */
  get drained(): boolean {
    return this.reports.some((report) => report.type === 'drained' && report.events >= this.goal);
  }

  /** Lets it append until so many events are on its disk. */
  appendUpTo(events: number): void {
    this.goal = events;
    const message: SimulatedAgentGoal = { events };
    this.child?.send(message);
  }

  /**
   * Starts it and resolves when its outbox is open. May be called twice.
   * @throws LatchkeyError `missing-file` when `libs/testing` is not built, `internal` when it ends at once.
   */
  async start(): Promise<void> {
    if (this.child) return;
    if (!existsSync(program)) {
      throw new LatchkeyError('missing-file', 'The simulated agent is not compiled; run `npx tsc -b libs/testing`.');
    }
    const child = fork(program, [JSON.stringify({ ...this.task, events: this.goal })], {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.child = child;
    await new Promise<void>((resolve, reject) => {
      child.on('message', (message) => {
        const report = simulatedAgentReport.parse(message);
        this.reports.push(report);
        if (report.type === 'ready') resolve();
      });
      child.once('exit', (code) => {
        if (this.child === child) this.child = null;
        reject(new LatchkeyError('internal', `The simulated agent ended at once, with ${code}.`));
      });
    });
  }

  /** Ends it as a power cut would, and resolves when it is gone. May be called twice. */
  async kill(): Promise<void> {
    await this.end((child) => child.kill('SIGKILL'));
  }

  /** Lets it close its disk and end. May be called twice. */
  async stop(): Promise<void> {
    await this.end((child) => child.disconnect());
  }

  private async end(how: (child: ChildProcess) => void): Promise<void> {
    const { child } = this;
    this.child = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    how(child);
    await gone;
  }
}
