/** When what was started counts as running, and how long to wait before it is started again. */
export interface RestartTiming {
  /** What has run for so long runs: what cannot do its work ends at once. Milliseconds. */
  readonly settledMs: number;
  /** The first pause; each is twice as long as the one before it. Milliseconds. */
  readonly firstPauseMs: number;
}

/** For programs that end within milliseconds when they cannot do their work. */
export const restartTiming: RestartTiming = { settledMs: 1_000, firstPauseMs: 1_000 };

const longestMs = 30_000;

/** How long to wait before something that ended is started again: longer each time, until it has run. */
export class RestartPause {
  private readonly firstMs: number;
  private nextMs: number;

  constructor({ firstPauseMs }: RestartTiming) {
    this.firstMs = firstPauseMs;
    this.nextMs = firstPauseMs;
  }

  /** Milliseconds to wait this time. */
  next(): number {
    const ms = this.nextMs;
    this.nextMs = Math.min(longestMs, ms * 2);
    return ms;
  }

  /** It runs. */
  reset(): void {
    this.nextMs = this.firstMs;
  }
}
