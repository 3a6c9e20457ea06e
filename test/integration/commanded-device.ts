import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { readAgentConfig } from '@latchkey/config';
import type { AgentIdentity } from '@latchkey/contracts';
import type { Clock } from '@latchkey/domain';
import { RecordingDoor, ScriptedAnalyzer, ScriptedCamera, temporaryFolder } from '@latchkey/testing';
import pino from 'pino';
import type { CommandedEnd } from '../../apps/edge-agent/src/commands/agent-commands.ts';
import { finishWipe } from '../../apps/edge-agent/src/commands/wipe.ts';
import { type RunningAgent, startAgent } from '../../apps/edge-agent/src/start-agent.ts';

/** The machine's clocks, as wrong as a test wants them. */
export class WrongClock implements Clock {
  /** Added to the wall clock. */
  wallOffsetMs = 0;
  /** Added to the boot clock. */
  bootOffsetMs = 0;

  now(): number {
    return Date.now() + this.wallOffsetMs;
  }

  monotonicMs(): number {
    return performance.now();
  }

  bootMs(): number {
    return performance.now() + this.bootOffsetMs;
  }
}

/** A real agent in this process, with a door that notes what it is told, and a disk that can be put back to an earlier day. */
export class CommandedDevice {
  readonly door = new RecordingDoor();
  readonly camera = new ScriptedCamera();
  readonly analyzer = new ScriptedAnalyzer();
  readonly clock = new WrongClock();
  /** What commands asked the process for. */
  readonly ends: CommandedEnd[] = [];
  readonly #folder = temporaryFolder();
  #identity: AgentIdentity;
  #agent: RunningAgent | null = null;

  constructor(identity: AgentIdentity) {
    this.#identity = identity;
    this.#writeIdentity();
  }

  get agentDir(): string {
    return this.#folder.file('agent');
  }

  /** Gives the device another identity file; it uses it when it starts next. */
  provision(identity: AgentIdentity): void {
    this.#identity = identity;
    this.#writeIdentity();
  }

  async start(): Promise<void> {
    this.#agent = await startAgent({
      config: readAgentConfig({ LATCHKEY_AGENT_DIR: this.agentDir, LATCHKEY_CAMERA: 'test:' }),
      identity: this.#identity,
      logger: pino({ level: 'silent' }),
      onCommandedEnd: (end) => void this.#end(end),
      parts: {
        analyzer: this.analyzer,
        camera: this.camera,
        door: this.door,
        clock: this.clock,
        bootClock: () => this.clock.bootMs(),
      },
    });
  }

  async stop(): Promise<void> {
    const agent = this.#agent;
    this.#agent = null;
    await agent?.stop();
  }

  /** Keeps what is on the device's disk; it must be stopped. */
  keepImage(): void {
    cpSync(this.agentDir, this.#folder.file('image'), { recursive: true });
  }

  /** Puts the kept image back. */
  restoreImage(): void {
    rmSync(this.agentDir, { recursive: true, force: true });
    cpSync(this.#folder.file('image'), this.agentDir, { recursive: true });
  }

  async remove(): Promise<void> {
    await this.stop();
    this.#folder.remove();
  }

  /** As the agent's process does. */
  async #end(end: CommandedEnd): Promise<void> {
    await this.stop();
    if (end === 'wipe') finishWipe(this.agentDir);
    this.ends.push(end);
  }

  #writeIdentity(): void {
    mkdirSync(this.agentDir, { recursive: true });
    writeFileSync(`${this.agentDir}/agent.json`, JSON.stringify(this.#identity), { mode: 0o600 });
  }
}
