import type { Clock, EpochMs } from '@latchkey/domain';
import { readUptime } from './boot-clock.ts';

/** The kernel is not asked more often; nothing that is decided takes less. */
const askEveryMs = 5;
/** The two clocks are read one after the other, and one of them has steps of 10 ms. */
const sleptFromMs = 500;

/** What the kernel says of the time since the machine started, its time asleep included; null where it says nothing. */
type ReadUptime = () => number | null;

/**
 * The machine's clocks. What Node calls monotonic stands still while a Linux machine sleeps: a grant, a vote or a claim of before
 * would be as fresh after it. So the time asleep is added.
 */
export class SystemClock implements Clock {
  private readonly uptime: ReadUptime;
  private readonly awakeMs: () => number;
  private askedMs = Number.NEGATIVE_INFINITY;
  /** By how much the kernel's clock was ahead of Node's at first. */
  private aheadMs: number | null = null;
  private asleepMs = 0;

  /**
   * @param uptime see {@link ReadUptime}.
   * @param awakeMs Node's own clock.
   */
  constructor(uptime: ReadUptime = kernelUptime, awakeMs: () => number = () => performance.now()) {
    this.uptime = uptime;
    this.awakeMs = awakeMs;
  }

  now(): EpochMs {
    return Date.now();
  }

  monotonicMs(): number {
    const awakeMs = this.awakeMs();
    if (awakeMs - this.askedMs >= askEveryMs) {
      this.askedMs = awakeMs;
      this.noteSleep(awakeMs);
    }
    return awakeMs + this.asleepMs;
  }

  private noteSleep(awakeMs: number): void {
    const uptimeMs = this.uptime();
    if (uptimeMs === null) return;
    const aheadMs = uptimeMs - awakeMs;
    this.aheadMs ??= aheadMs;
    const asleepMs = aheadMs - this.aheadMs;
    if (asleepMs - this.asleepMs >= sleptFromMs) this.asleepMs = asleepMs;
  }
}

function kernelUptime(): number | null {
  if (process.platform !== 'linux') return null;
  try {
    return readUptime();
  } catch {
    return null;
  }
}
