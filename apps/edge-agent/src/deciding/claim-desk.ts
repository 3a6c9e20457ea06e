import type { Clock, MonotonicMs } from '@latchkey/domain';

/**
 * Who the person before the door claims to be, told by a badge, a code or an `identify` command. While a claim stands, only
 * the claimed person is let in, and faces are compared with theirs alone (1:1). It stands until it runs out, is replaced, is
 * withdrawn, or its person is let in. What becomes of it is in the events about faces with this `claimedPersonId`
 * (`EventRecorder.onRecorded`); there is none when nobody looked into a camera. A claim is in memory only: a restart ends it.
 */
export class ClaimDesk {
  private readonly clock: Clock;
  private claim: { readonly personId: string; readonly until: MonotonicMs } | null = null;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /**
   * Takes a claim for a time; another one replaces it. Whether the device knows the person is for the caller to ask: a claim of
   * somebody else is never met.
   */
  place(personId: string, forMs: number): void {
    this.claim = { personId, until: this.clock.monotonicMs() + forMs };
  }

  /** Whoever made the claim was answered, or left. */
  withdraw(): void {
    this.claim = null;
  }

  /** The claimed person, null when nobody claims anything. */
  get claimedPersonId(): string | null {
    return this.claim && this.clock.monotonicMs() < this.claim.until ? this.claim.personId : null;
  }
}
