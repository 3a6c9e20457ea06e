/** Bounds of a {@link Backoff}. */
export interface BackoffOptions {
  readonly minMs: number;
  readonly maxMs: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/**
 * Doubling waits with jitter: the n-th lies between half and all of `minMs` · 2ⁿ, at most `maxMs`. The jitter keeps a fleet
 * from coming back in step after a broker's restart.
 */
export class Backoff {
  private readonly options: BackoffOptions;
  private attempts = 0;

  constructor(options: BackoffOptions) {
    this.options = options;
  }

  /** Milliseconds to wait now; the next wait is longer. */
  nextMs(): number {
    const { minMs, maxMs, random } = this.options;
    const base = Math.min(maxMs, minMs * 2 ** this.attempts);
    this.attempts = Math.min(this.attempts + 1, 30);
    return base / 2 + (random() * base) / 2;
  }

  /** Begins again at the shortest wait. */
  reset(): void {
    this.attempts = 0;
  }
}
