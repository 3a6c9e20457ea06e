import type { Clock, EpochMs } from '@latchkey/domain';

/** A clock that stands until a test moves it. */
export class ManualClock implements Clock {
  private wallMs: EpochMs;
  private elapsedMs = 0;

  constructor(startAt: EpochMs = Date.UTC(2026, 10, 24, 22)) {
    this.wallMs = startAt;
  }

  now(): EpochMs {
    return this.wallMs;
  }

  monotonicMs(): number {
    return this.elapsedMs;
  }

  /** Lets time pass on both clocks. */
  advance(ms: number): void {
    this.wallMs += ms;
    this.elapsedMs += ms;
  }

  /** Sets the wall clock as somebody with a screwdriver would; the monotonic clock does not notice. */
  setWall(at: EpochMs): void {
    this.wallMs = at;
  }
}
