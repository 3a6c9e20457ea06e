import type { Clock, MonotonicMs } from '@latchkey/domain';

/** One claim; another one of the same person is not the same. */
export interface Claim {
  readonly personId: string;
  /** When it runs out. */
  readonly until: MonotonicMs;
}

/**
 * Who the person before the door claims to be, told by a badge, a code or an `identify` command. While a claim stands, only
 * the claimed person is let in, and faces are compared with theirs alone (1:1). It stands until it runs out, is replaced, is
 * withdrawn, or its person is let in. What becomes of it is in the events about faces with this `claimedPersonId`
 * (`EventRecorder.onRecorded`); there is none when nobody looked into a camera. A claim is in memory only: a restart ends it.
 */
export class ClaimDesk {
  private readonly clock: Clock;
  private placed: Claim | null = null;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /**
   * Takes a claim for a time; another one replaces it. Whether the device knows the person is for the caller to ask: a claim of
   * somebody else is never met.
   */
  place(personId: string, forMs: number): Claim {
    this.placed = { personId, until: this.clock.monotonicMs() + forMs };
    return this.placed;
  }

  /** Whoever made the claim was answered, or left. Nothing happens to a claim that has replaced it. */
  withdraw(claim: Claim): void {
    if (this.placed === claim) this.placed = null;
  }

  /** The claim that stands, null when nobody claims anything. */
  get claim(): Claim | null {
    return this.placed && this.clock.monotonicMs() < this.placed.until ? this.placed : null;
  }
}
