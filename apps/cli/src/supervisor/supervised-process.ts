import { type ChildProcess, fork } from 'node:child_process';
import { closeSync } from 'node:fs';
import { type ChildMessage, childMessage, type SupervisorMessage } from '@latchkey/contracts';
import { LatchkeyError } from '@latchkey/domain';
import { waitForExit } from '@latchkey/embedded';
import { type Announcement, howEnded, startCutShort } from './announcement.ts';
import { Deferred } from './deferred.ts';
import type { PartLog } from './part-log.ts';

/** The message by which a kind of process says that it is ready. */
type ReadyType = 'central-ready' | 'agent-ready';
type ReadyMessage<R extends ReadyType> = Extract<ChildMessage, { type: R }>;

/** What kind of process is supervised. */
export interface ProcessPlan<R extends ReadyType> {
  readonly name: string;
  /** Compiled JavaScript file. */
  readonly program: string;
  readonly log: PartLog;
  readonly readyOn: R;
  /** Asked before every start, so that a restart can use other ports. */
  environment(): Promise<Record<string, string>>;
  /** The process is ready, for the first time or again after a restart. Answers with what the console shows. */
  onReady(message: ReadyMessage<R>): string;
  /** Every other message. */
  onMessage(message: ChildMessage): void;
  /** A new process runs, or none any more. */
  onPid(): void;
  announce(announcement: Announcement): void;
}

const firstDelayMs = 500;
const longestDelayMs = 30_000;
/** A process that ran this long was not failing to start: the next delay is short again. */
const steadyMs = 60_000;
const stopTimeoutMs = 10_000;
/** Ends before it was ever ready after which it is given up. */
const maxFirstAttempts = 3;
/** How often a log is looked at whether it is full: at a thousand lines a second it grows by 20 MB in that time. */
const logTurnMs = 60_000;
/** Exit codes that another try does not change: bad configuration, something missing. */
const hopeless = [2, 3];

/**
 * A child process that is started again whenever it ends, with a growing delay. It has a session of its own: a terminal's
 * Ctrl-C reaches the supervisor alone, which then stops its children in order. A child that loses the IPC channel knows that
 * the supervisor was killed, and stops.
 */
export class SupervisedProcess<R extends ReadyType> {
  readonly #plan: ProcessPlan<R>;
  #child: ChildProcess | null = null;
  #restart: NodeJS.Timeout | null = null;
  #logTurns: NodeJS.Timeout | null = null;
  #delayMs = firstDelayMs;
  #wanted = false;
  #firstReady: Deferred<void> | null = null;
  #everReady = false;
  #attempts = 0;

  constructor(plan: ProcessPlan<R>) {
    this.#plan = plan;
  }

  /** Number of the process that runs now, null between two of them. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /**
   * Starts the process and waits until it is ready for the first time. A second call waits with the first.
   * @throws LatchkeyError `internal`, or the code that its log names, when it ends again and again instead, or is stopped.
   */
  async start(): Promise<void> {
    let firstReady = this.#firstReady;
    if (!firstReady) {
      firstReady = new Deferred();
      this.#firstReady = firstReady;
      this.#wanted = true;
      this.#everReady = false;
      this.#attempts = 0;
      this.#logTurns ??= setInterval(() => this.#turnLog(), logTurnMs).unref();
      await this.#spawn();
    }
    // Not the field's: a stop in the meantime has emptied it, and rejected this one.
    await firstReady.promise;
  }

  /** Sends a message; false when no process is there to take it. */
  send(message: SupervisorMessage): boolean {
    return this.#child?.connected === true && this.#child.send(message);
  }

  /** Asks the process to end, after 10 s insists, and waits for its end. May be called twice. */
  async stop(): Promise<void> {
    this.#wanted = false;
    if (this.#restart) clearTimeout(this.#restart);
    this.#restart = null;
    if (this.#logTurns) clearInterval(this.#logTurns);
    this.#logTurns = null;
    this.#firstReady?.reject(startCutShort());
    this.#firstReady = null;
    const pid = this.pid;
    if (pid === null) return;
    this.#child?.kill('SIGTERM');
    if (await waitForExit(pid, stopTimeoutMs)) return;
    this.kill();
    await waitForExit(pid, stopTimeoutMs);
  }

  /** Ends the process at once. */
  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  #turnLog(): void {
    try {
      this.#plan.log.turnOver();
    } catch {
      // A full disk must not end the supervisor; it is tried again.
    }
  }

  async #spawn(): Promise<void> {
    const env = await this.#plan.environment();
    if (!this.#wanted) return;
    const descriptor = this.#plan.log.open();
    const child = fork(this.#plan.program, [], {
      env,
      detached: true,
      execArgv: ['--enable-source-maps'],
      stdio: ['ignore', descriptor, descriptor, 'ipc'],
    });
    closeSync(descriptor);
    const startedMs = performance.now();
    this.#child = child;
    child.on('message', (message) => this.#received(message, startedMs));
    // Without a listener a message that meets a closed channel would end the supervisor.
    child.on('error', () => {
      if (child.pid === undefined) this.#ended(child, null, null, 0);
    });
    child.once('exit', (code, signal) => this.#ended(child, code, signal, performance.now() - startedMs));
    this.#plan.onPid();
  }

  #received(message: unknown, startedMs: number): void {
    const parsed = childMessage.safeParse(message);
    if (!parsed.success) return;
    if (!isReady(parsed.data, this.#plan.readyOn)) {
      this.#plan.onMessage(parsed.data);
      return;
    }
    const detail = this.#plan.onReady(parsed.data);
    this.#everReady = true;
    const seconds = (performance.now() - startedMs) / 1000;
    this.#plan.announce({ event: 'ready', part: this.#plan.name, seconds, detail });
    this.#firstReady?.resolve();
  }

  #ended(child: ChildProcess, code: number | null, signal: NodeJS.Signals | null, ranMs: number): void {
    if (this.#child === child) this.#child = null;
    if (!this.#wanted) return;
    const how = howEnded(code, signal);
    const why = this.#plan.log.lastWords();
    this.#attempts++;
    if (!this.#everReady && (this.#attempts >= maxFirstAttempts || hopeless.includes(code ?? 0))) {
      this.#wanted = false;
      const message = `${this.#plan.name} did not start (${how}; log: ${this.#plan.log.path}).\n${why.text}`;
      this.#firstReady?.reject(new LatchkeyError(why.code ?? 'internal', message.trimEnd()));
      return;
    }
    if (ranMs > steadyMs) this.#delayMs = firstDelayMs;
    const restartInMs = this.#delayMs;
    this.#delayMs = Math.min(this.#delayMs * 2, longestDelayMs);
    this.#restart = setTimeout(() => {
      this.#spawn().catch(() => this.#ended(child, null, null, 0));
    }, restartInMs);
    this.#plan.announce({ event: 'ended', part: this.#plan.name, how, restartInMs, why: why.text });
    this.#plan.onPid();
  }
}

function isReady<R extends ReadyType>(message: ChildMessage, type: R): message is ReadyMessage<R> {
  return message.type === type;
}
