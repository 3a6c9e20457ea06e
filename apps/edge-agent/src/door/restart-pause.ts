const firstMs = 1_000;
const longestMs = 30_000;

/** How long to wait before something that ended is started again: longer each time, until it has run. */
export class RestartPause {
  private nextMs = firstMs;

  /** Milliseconds to wait this time. */
  next(): number {
    const ms = this.nextMs;
    this.nextMs = Math.min(longestMs, ms * 2);
    return ms;
  }

  /** It runs. */
  reset(): void {
    this.nextMs = firstMs;
  }
}
