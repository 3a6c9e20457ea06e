import { setTimeout as sleep } from 'node:timers/promises';
import { describeGpioLine, type GpioLockConfig } from '@latchkey/config';
import { LatchkeyError } from '@latchkey/domain';
import type { Lock, ReportDoorPart } from './door-hardware.ts';
import { type GpioVersion, openWords, restWords, shutWords } from './gpio-arguments.ts';
import { gpioFailure } from './gpio-failure.ts';
import type { GpioGuard, GpioGuardEvent } from './gpio-guard.ts';
import type { GpioTools } from './gpio-tools.ts';
import { RestartPause, type RestartTiming, restartTiming } from './restart-pause.ts';

/** Between two questions to the kernel whether the line is driven. */
const askEveryMs = 15;

/** An order to the lock on its way. */
interface Opening {
  readonly guard: GpioGuard;
  /** Resolves when the line is driven; rejects when it could not be. */
  readonly driven: Promise<void>;
}

/**
 * A lock at a GPIO line, driven by `gpioset`. At rest the line is held, since what it does when nobody holds it is left to the
 * board. Each opening replaces what holds the line by a guard that drives it for the time of the opening and holds it at rest
 * from then on. The time is the guard's, so the lock falls when it should whatever becomes of the agent.
 */
export class GpioDoor implements Lock {
  private readonly config: GpioLockConfig;
  private readonly tools: GpioTools;
  private readonly report: ReportDoorPart;
  private readonly settledMs: number;
  private readonly pause: RestartPause;
  private running = false;
  private lost = false;
  private guard: GpioGuard | null = null;
  private retry: NodeJS.Timeout | null = null;
  /** A line has one holder, so what is to be done with it is done one after the other. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(config: GpioLockConfig, tools: GpioTools, report: ReportDoorPart, timing: RestartTiming = restartTiming) {
    this.config = config;
    this.tools = tools;
    this.report = report;
    this.settledMs = timing.settledMs;
    this.pause = new RestartPause(timing);
  }

  start(): void {
    if (this.running) return;
    this.running = true;
    this.rest();
  }

  async stop(): Promise<void> {
    this.running = false;
    this.cancelRetry();
    await this.inTurn(async () => {
      const { guard } = this;
      this.guard = null;
      await guard?.leave();
    });
  }

  /** @throws LatchkeyError `door-unavailable`, `door-program-missing`. */
  async open(holdMs: number, signal: AbortSignal): Promise<void> {
    const opening = await this.inTurn(() => this.begin(this.config.pulseMs ?? holdMs, signal));
    try {
      await Promise.race([opening.driven, whenOver(signal)]);
    } catch (error) {
      // Without an answer the line may be driven all the same.
      if (this.guard === opening.guard) this.rest();
      throw error;
    }
  }

  /** Has the line held at rest, by a new guard; what fails is reported and tried again. */
  private rest(): void {
    this.cancelRetry();
    this.inTurn(async () => {
      await this.release();
      if (!this.running) return;
      const [version, line] = await this.place();
      const guard: GpioGuard = this.tools.guard(
        { first: null, main: restWords(version, line), last: shutWords(version, line) },
        (event) => this.onEvent(guard, event),
      );
      this.watch(guard);
    }).catch((error: unknown) => this.failed(error));
  }

  private async begin(ms: number, signal: AbortSignal): Promise<Opening> {
    // What is missing is found before the line is let go.
    const [version, line] = await this.place();
    this.checkWanted(signal);
    // Whoever wanted the line at rest gets that after the opening.
    this.cancelRetry();
    await this.release();
    try {
      this.checkWanted(signal);
      return this.drive(version, line, ms, signal);
    } catch (error) {
      this.rest();
      throw error;
    }
  }

  private drive(version: GpioVersion, line: GpioLockConfig, ms: number, signal: AbortSignal): Opening {
    let resolve: () => void = () => undefined;
    let reject: (why: unknown) => void = () => undefined;
    const driven = new Promise<void>((toResolve, toReject) => {
      resolve = toResolve;
      reject = toReject;
    });
    const guard: GpioGuard = this.tools.guard(
      { first: openWords(version, line, ms), main: restWords(version, line), last: shutWords(version, line) },
      (event) => {
        this.onEvent(guard, event);
        if (event.type === 'line') {
          // The banner of version 2, which is printed once the line is driven.
          if (event.text.startsWith('Setting line')) resolve();
        } else if (event.what !== 'first') return;
        else if (event.type === 'begin') {
          if (version === 1) this.untilDriven(line, guard, signal).then(resolve, reject);
        } else if (event.code === 0) resolve();
        else reject(gpioFailure('gpioset', `exit code ${event.code}`, event.messages));
      },
    );
    void guard.ended.then(({ end, messages }) => reject(gpioFailure('gpioset', end, messages)));
    this.watch(guard);
    return { guard, driven };
  }

  /** Version 1 does not say when it drives the line; the kernel does. */
  private async untilDriven(line: GpioLockConfig, guard: GpioGuard, signal: AbortSignal): Promise<void> {
    while (!(await this.tools.isDriven(line))) {
      if (signal.aborted || this.guard !== guard) throw overdue();
      await sleep(askEveryMs);
    }
    // It may be somebody else's: then our own program is about to say that it could not have the line.
    await sleep(2 * askEveryMs);
  }

  private async place(): Promise<[GpioVersion, GpioLockConfig]> {
    return [await this.tools.version(), await this.tools.locate(this.config)];
  }

  private checkWanted(signal: AbortSignal): void {
    if (signal.aborted || !this.running) throw overdue();
  }

  private watch(guard: GpioGuard): void {
    this.guard = guard;
    void guard.ended.then(({ end, messages }) => {
      if (this.guard !== guard) return;
      this.guard = null;
      this.failed(gpioFailure('gpioset', end, messages));
    });
  }

  private onEvent(guard: GpioGuard, event: GpioGuardEvent): void {
    if (event.type !== 'begin' || event.what !== 'main') return;
    setTimeout(() => {
      if (this.guard === guard) this.held();
    }, this.settledMs).unref();
  }

  private held(): void {
    this.pause.reset();
    if (this.lost)
      this.report({ state: 'back', message: `The lock at ${describeGpioLine(this.config)} is held shut.` });
    this.lost = false;
  }

  private failed(error: unknown): void {
    if (!this.running) return;
    const why = error instanceof Error ? error.message : String(error);
    if (!this.lost) {
      this.report({
        state: 'lost',
        message: `The lock at ${describeGpioLine(this.config)} cannot be held shut. ${why}`,
      });
    }
    this.cancelRetry();
    // What held the line may have ended in the middle of an opening: the first time there is no pause.
    this.retry = setTimeout(() => this.rest(), this.lost ? this.pause.next() : 0);
    this.lost = true;
  }

  private cancelRetry(): void {
    if (this.retry) clearTimeout(this.retry);
    this.retry = null;
  }

  private async release(): Promise<void> {
    const { guard } = this;
    this.guard = null;
    await guard?.stop();
  }

  private inTurn<T>(step: () => Promise<T>): Promise<T> {
    const result = this.turn.then(step);
    this.turn = result.catch(() => undefined);
    return result;
  }
}

function whenOver(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const over = (): void => reject(overdue());
    if (signal.aborted) over();
    else signal.addEventListener('abort', over, { once: true });
  });
}

function overdue(): LatchkeyError {
  return new LatchkeyError('door-unavailable', 'The lock was not driven in time.');
}
