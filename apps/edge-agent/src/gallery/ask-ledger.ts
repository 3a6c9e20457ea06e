import type { ClockReading, GalleryHead } from '@latchkey/domain';

/** A question that waits for its answer. */
export interface OutstandingAsk {
  readonly nonce: string;
  /** Everything was asked for, not what is missing. */
  readonly whole: boolean;
  readonly at: ClockReading;
  /** What was held then. */
  readonly head: GalleryHead | null;
  readonly revision: number;
}

/** How often the head is asked for (PROTOCOL.md §3: 60 s ± jitter), and how long an answer, or its next part, may take. */
const everyMs = 60_000;
const jitterShare = 0.2;
const answerWithinMs = 10_000;
const maxDoublings = 3;
const maxLate = 16;

/** Which question is out, when the next one is due, and which answers may still come late without being an attack. */
export class AskLedger {
  private readonly reading: () => ClockReading;
  private readonly newNonce: () => string;
  private open: OutstandingAsk | null = null;
  private lastSignMs = 0;
  private nextMs = 0;
  private again = false;
  private unanswered = 0;
  private late: string[] = [];

  constructor(reading: () => ClockReading, newNonce: () => string) {
    this.reading = reading;
    this.newNonce = newNonce;
  }

  /** The question that is out, null when there is none. */
  get outstanding(): OutstandingAsk | null {
    return this.open;
  }

  /** Whether it is time for a question: by the clock, or because an answer did not come. */
  get due(): boolean {
    const now = this.reading().monotonicMs;
    return this.open ? this.isOverdue(now) : now >= this.nextMs;
  }

  /** Every question that nobody answers doubles the wait before the next. */
  private isOverdue(nowMs: number): boolean {
    return nowMs - this.lastSignMs >= answerWithinMs * 2 ** Math.min(this.unanswered, maxDoublings);
  }

  /** A new question; null when one is out that may still be answered, which is then asked again afterwards. */
  begin(whole: boolean, held: GalleryHead | null): OutstandingAsk | null {
    const at = this.reading();
    if (this.open) {
      if (!this.isOverdue(at.monotonicMs)) {
        this.again = true;
        return null;
      }
      this.giveUp();
      this.unanswered++;
    }
    this.open = { nonce: this.newNonce(), whole, at, head: held, revision: held?.revision ?? 0 };
    this.lastSignMs = at.monotonicMs;
    this.nextMs = at.monotonicMs + everyMs * (1 - jitterShare / 2 + jitterShare * jitterOf(this.open.nonce));
    return this.open;
  }

  /** The question that a nonce answers; `late` for one that was given up; null for one that was never open, or is done. */
  answeredBy(nonce: string): OutstandingAsk | 'late' | null {
    if (this.open?.nonce === nonce) return this.open;
    return this.late.includes(nonce) ? 'late' : null;
  }

  /** A part of the answer came; the next one gets as much time. */
  extend(): void {
    this.lastSignMs = this.reading().monotonicMs;
  }

  /** The question is answered. @returns whether another was wanted meanwhile. */
  close(): boolean {
    const { again } = this;
    this.unanswered = 0;
    this.open = null;
    this.again = false;
    return again;
  }

  /** The answer is not waited for any longer. */
  giveUp(): void {
    if (this.open) this.late = [...this.late, this.open.nonce].slice(-maxLate);
    this.open = null;
    this.again = false;
  }
}

/** 0–1 out of a random nonce, so that a fleet does not ask in step. */
function jitterOf(nonce: string): number {
  return Number.parseInt(nonce.slice(0, 6), 16) / 0xffffff;
}
