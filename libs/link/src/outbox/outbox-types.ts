import type { EventBody, EventKind } from '@latchkey/contracts';
import type { Clock, EpochMs } from '@latchkey/domain';
import type { LocalDatabase } from '../database/local-database.ts';

/** Options of an `Outbox`. */
export interface OutboxOptions {
  readonly database: LocalDatabase;
  readonly clock: Clock;
  /** Random bytes of a length, e.g. `randomBytes` of `node:crypto`. */
  readonly randomBytes: (length: number) => Uint8Array;
  /** Most events that wait for central, at least 10; and most committed ones that are kept. Default 100,000. */
  readonly maxEvents?: number;
  /** Most bytes of all events with their pictures. Default 512 MiB. */
  readonly maxBytes?: number;
  /** How long committed events are kept for a restore of central's database. Default 7 days (PROTOCOL.md §2). */
  readonly keepAckedMs?: number;
  /** Most events that central has refused and that are kept for inspection. Default 1,000. */
  readonly maxQuarantined?: number;
}

/** What the device knows of its clock when an event happens. */
export interface ClockState {
  /** Device clock minus central's as last measured, null when never. */
  readonly clockOffsetMs: number | null;
  readonly clockTrusted: boolean;
}

/** An event to be kept. */
export interface NewEvent<K extends EventKind = EventKind> extends ClockState {
  readonly kind: K;
  readonly body: EventBody<K>;
  /** Base64 JPEG of at most 12 KB; a larger one is left out, the event is kept. */
  readonly thumbnail?: string | null;
  /** Default: now. */
  readonly occurredAt?: EpochMs;
}

/** What an acknowledgement or a new database epoch did. */
export interface AckOutcome {
  readonly acked: number;
  readonly quarantined: number;
  /** Committed events that are to be sent again, because central's database was restored. */
  readonly resurrected: number;
  /** It is of a database that has been replaced since, and nothing was done. */
  readonly stale: boolean;
}

/** Told what there is to send: a new event at the end, or old ones anywhere, after a restore of central. */
export type PendingListener = (what: 'appended' | 'resurrected') => void;

/** How full the outbox is. */
export interface OutboxStats {
  readonly streamId: string;
  readonly pending: number;
  /** Bytes of all events, pictures included, that are pending. */
  readonly pendingBytes: number;
  readonly acked: number;
  readonly quarantined: number;
  /** Central's database epoch as last heard, 0 when never. */
  readonly databaseEpoch: number;
}
