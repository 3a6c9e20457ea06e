import type { EventEnvelope } from '@latchkey/contracts';
import type { OutboxState } from './outbox-states.ts';

/** A stream of a damaged outbox. */
export interface SalvagedStream {
  readonly streamId: string;
  /** The last number that was given out, as far as that can be told. */
  readonly lastSeq: number;
}

/** An event of a damaged outbox that is as it was written. */
export interface SalvagedEvent {
  readonly envelope: EventEnvelope;
  readonly state: OutboxState;
  readonly settledAt: number | null;
  /** Why central refused it, null otherwise. */
  readonly code: string | null;
}

/** What became of a damaged outbox. */
export interface SalvageReport {
  /** Events that wait for central again. */
  readonly pending: number;
  /** Committed or refused events that are kept again. */
  readonly settled: number;
  /** Numbers that are declared as dropped. */
  readonly lost: number;
  /** Events that were read, and whose stream nobody knows any more. */
  readonly unnamed: number;
}
