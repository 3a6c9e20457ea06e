import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type AgentIdentity, type Telemetry, telemetry } from '@latchkey/contracts';
import { eventually } from '@latchkey/testing';
import { z } from 'zod';

const program = fileURLToPath(new URL('../../apps/edge-agent/dist/main.js', import.meta.url));

/** A decision that the agent told, when it came (`performance.now()`). */
export interface ToldDecision {
  readonly atMs: number;
  readonly decision: string;
  readonly personId: string | null;
}

const decisionLine = z.object({ msg: z.literal('decision'), decision: z.string(), personId: z.string().nullable() });
/** What a line of the log has beside its message. */
const telemetryLine = z.object({ msg: z.literal('telemetry') });

/** The edge agent as it is installed, in a process of its own; what it tells is read out of its log. */
export class MeasuredAgent {
  readonly decisions: ToldDecision[] = [];
  readonly telemetry: Telemetry[] = [];
  private readonly child: ChildProcess;
  private readonly problems: string[] = [];
  private readonly startedMs = performance.now();

  private constructor(child: ChildProcess) {
    this.child = child;
    if (child.stderr) createInterface(child.stderr).on('line', (line) => this.read(line));
  }

  /**
   * Starts it before a camera; its folder keeps gallery and outbox from start to start.
   * @param profileDir where Node writes a profile of its main thread when it ends, null: it writes none.
   */
  static start(
    folder: string,
    identity: AgentIdentity,
    cameraUrl: string,
    profileDir: string | null = null,
  ): MeasuredAgent {
    if (!existsSync(program)) throw new Error('The agent is not compiled; run "npm run build".');
    const agentDir = join(folder, 'agent');
    mkdirSync(agentDir, { recursive: true });
    writeFileSync(join(agentDir, 'agent.json'), JSON.stringify(identity), { mode: 0o600 });
    const args = profileDir === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`];
    const env = {
      PATH: process.env.PATH,
      LATCHKEY_AGENT_DIR: agentDir,
      LATCHKEY_CAMERA: `${cameraUrl}#fps=60`,
      LATCHKEY_MODEL_CACHE_DIR: join(folder, 'networks'),
      LATCHKEY_ENGINE: 'onnx',
      LATCHKEY_LOG_LEVEL: 'debug',
    };
    return new MeasuredAgent(spawn(process.execPath, [...args, program], { env, stdio: ['ignore', 'ignore', 'pipe'] }));
  }

  /** Milliseconds from the process's start to its first decision, as soon as there is one. */
  async firstDecisionMs(): Promise<number> {
    const first = await this.wait('the first decision', () => this.decisions[0], 60_000);
    return first.atMs - this.startedMs;
  }

  /** The next so many figures of ten seconds each that begin from now on. */
  async figures(count: number): Promise<readonly Telemetry[]> {
    // The interval that runs has begun before.
    const from = this.telemetry.length + 1;
    return this.wait('telemetry', () => this.telemetry.length >= from + count && this.telemetry.slice(from), 60_000);
  }

  /** Ends it in order. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGTERM');
    await once(this.child, 'exit');
  }

  private async wait<T>(what: string, look: () => T | false | undefined, ms: number): Promise<T> {
    try {
      return await eventually(what, look, ms);
    } catch (cause) {
      throw new Error(`The agent gives no ${what}. ${this.problems.slice(-3).join(' ')}`, { cause });
    }
  }

  private read(line: string): void {
    let told: unknown;
    try {
      told = JSON.parse(line);
    } catch {
      this.problems.push(line);
      return;
    }
    const decision = decisionLine.safeParse(told);
    if (decision.success) {
      this.decisions.push({ atMs: performance.now(), ...decision.data });
    } else if (telemetryLine.safeParse(told).success) {
      // A line holds more than the figures: level, time, device.
      this.telemetry.push(z.object(telemetry.shape).parse(told));
    } else if (z.object({ level: z.number().min(40) }).safeParse(told).success) this.problems.push(line);
  }
}
