import type { Clock, EpochMs } from '@latchkey/domain';

/** The machine's clocks. */
export class SystemClock implements Clock {
  now(): EpochMs {
    return Date.now();
  }

  monotonicMs(): number {
    return performance.now();
  }
}
