import { setTimeout as sleep } from 'node:timers/promises';
import { describeGpioLine, type GpioInputConfig } from '@latchkey/config';
import type { ReportDoorPart } from './door-hardware.ts';
import { type GpioVersion, monitorWords, readWords } from './gpio-arguments.ts';
import { gpioFailure } from './gpio-failure.ts';
import type { GpioGuardEvent } from './gpio-guard.ts';
import type { GpioTools } from './gpio-tools.ts';
import { RestartPause, type RestartTiming } from './restart-pause.ts';

/** What a watched line is told to do. */
export interface GpioLineListener {
  /** Which part of the door it is, for people: `door contact`. */
  readonly part: string;
  /** It was read; `first`: at the start, or when it is back. */
  onLevel(on: boolean, first: boolean): void;
  /** Nobody knows any more how it stands. */
  onLost(): void;
}

/**
 * An input at a GPIO line, watched by `gpiomon`: read once at the start, then told of each change that lasts longer than its
 * bouncing. A program that ends is started again, ever later; what happens meanwhile is seen by reading the line anew.
 */
export class GpioLineWatch {
  private readonly config: GpioInputConfig;
  private readonly tools: GpioTools;
  private readonly listener: GpioLineListener;
  private readonly report: ReportDoorPart;
  private readonly settledMs: number;
  private readonly pause: RestartPause;
  private level: boolean | null = null;
  private bouncing: NodeJS.Timeout | null = null;
  private lost = false;

  constructor(
    config: GpioInputConfig,
    tools: GpioTools,
    listener: GpioLineListener,
    report: ReportDoorPart,
    timing: RestartTiming,
  ) {
    this.config = config;
    this.tools = tools;
    this.listener = listener;
    this.report = report;
    this.settledMs = timing.settledMs;
    this.pause = new RestartPause(timing);
  }

  /** Watches until the signal ends it; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const why = await this.once(signal).catch((error: unknown) => error);
      if (this.bouncing) clearTimeout(this.bouncing);
      this.bouncing = null;
      if (signal.aborted) return;
      this.fail(why instanceof Error ? why.message : String(why));
      await sleep(this.pause.next(), undefined, { signal }).catch(() => undefined);
    }
  }

  /** @returns why the program ended. */
  private async once(signal: AbortSignal): Promise<unknown> {
    const version = await this.tools.version();
    const line = await this.tools.locate(this.config);
    const text = (await this.tools.ask(readWords(version, line))).trim();
    if (text !== '0' && text !== '1') throw gpioFailure('gpioget', 'it prints no level', text);
    if (signal.aborted) return null;
    this.take(text === '1', true);
    const guard = this.tools.guard({ first: null, main: monitorWords(version, line), last: null }, (event) =>
      this.onEvent(version, event),
    );
    const stop = (): void => void guard.stop();
    signal.addEventListener('abort', stop, { once: true });
    const settled = setTimeout(() => this.back(), this.settledMs);
    const { end, messages } = await guard.ended;
    clearTimeout(settled);
    signal.removeEventListener('abort', stop);
    return gpioFailure('gpiomon', end, messages);
  }

  private onEvent(version: GpioVersion, event: GpioGuardEvent): void {
    if (event.type !== 'line') return;
    const [, edge] = /^([012]) \d+$/.exec(event.text) ?? [];
    if (edge === undefined) return;
    const on = edge === '1';
    if (this.bouncing) clearTimeout(this.bouncing);
    this.bouncing = null;
    // The kernel has waited for the end of the bouncing where version 2 asked it to.
    if (version === 2 || this.config.debounceMs === 0) this.take(on, false);
    else this.bouncing = setTimeout(() => this.take(on, false), this.config.debounceMs);
  }

  private take(on: boolean, first: boolean): void {
    if (this.level === on) return;
    this.level = on;
    this.listener.onLevel(on, first);
  }

  private fail(why: string): void {
    this.level = null;
    if (this.lost) return;
    this.lost = true;
    this.listener.onLost();
    this.report({ state: 'lost', message: `${this.where} cannot be read. ${why}` });
  }

  private back(): void {
    this.pause.reset();
    if (!this.lost) return;
    this.lost = false;
    this.report({ state: 'back', message: `${this.where} is read again.` });
  }

  private get where(): string {
    return `The ${this.listener.part} at ${describeGpioLine(this.config)}`;
  }
}
