import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../database/database.ts';
import type { IncomingEvent } from './incoming-event.ts';

/** What became of an event, once committed. */
export type Outcome =
  /** In the log: now, or by an earlier copy. */
  | { readonly type: 'committed'; readonly isNew: boolean }
  /** In the dead-letter table, with why. */
  | { readonly type: 'rejected'; readonly code: string }
  /** Of a device that does not exist: nobody to acknowledge to. */
  | { readonly type: 'unknown-device' };

/** A batch that is committed: what became of each event, in order, and the epoch of the database that has it. */
export interface CommittedBatch {
  readonly outcomes: readonly Outcome[];
  /** Grows when the database was restored from a backup (PROTOCOL.md §2). */
  readonly databaseEpoch: number;
}

/** A message that is no event at all. */
export interface UnreadableMessage {
  readonly topic: string;
  readonly siteId: string | null;
  readonly deviceId: string | null;
  readonly code: string;
  readonly message: string;
  readonly payload: Uint8Array;
}

/** One that did not simply become a new row of the log; without any of them a single row that has the epoch alone. */
interface ResultRow {
  readonly database_epoch: number;
  readonly row_index: number | null;
  readonly outcome: 'duplicate' | 'rejected' | 'unknown-device';
  readonly code: string | null;
}

/** What is kept of a message in the dead-letter table. */
const maxDeadLetterBytes = 64 * 1024;
/** `unreadable` rows are kept per device up to this number: a broken device must not fill the disk. */
const maxUnreadablePerDevice = 1000;

/** The SQL of ingest: one statement a batch. */
@Injectable()
export class IngestRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  /**
   * Writes a batch in one transaction. Written again after an unknown end (a connection lost during commit), it answers
   * `committed` for what was committed. The epoch comes out of the same statement: a database that is put back under a running
   * central has another from one batch to the next, and only the one that committed the batch may vouch for it.
   */
  async write(batch: readonly IncomingEvent[]): Promise<CommittedBatch> {
    const rows = await this.database.rows<ResultRow>(
      `SELECT m.database_epoch, e.row_index, e.outcome, e.code
       FROM (SELECT coalesce((SELECT database_epoch FROM central_meta), 1) AS database_epoch) m
       LEFT JOIN ingest_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21) e
         ON true`,
      parametersOf(batch),
    );
    const outcomes: Outcome[] = batch.map(() => ({ type: 'committed', isNew: true }));
    for (const row of rows) if (row.row_index !== null) outcomes[row.row_index] = outcomeOf(row);
    return { outcomes, databaseEpoch: rows[0]?.database_epoch ?? 1 };
  }

  /** Keeps a message that could not be read as an event, up to a number per device. */
  async keepUnreadable({ topic, siteId, deviceId, code, message, payload }: UnreadableMessage): Promise<void> {
    await this.database.run(
      `INSERT INTO dead_letter (topic, site_id, device_id, code, message, payload)
       SELECT $1, $2, $3::text, $4, $5, $6
       WHERE (SELECT count(*) FROM (
         SELECT FROM dead_letter WHERE stream_id IS NULL AND coalesce(device_id, '') = coalesce($3::text, '') LIMIT ${maxUnreadablePerDevice}
       ) kept) < ${maxUnreadablePerDevice}`,
      [
        withoutNul(topic).slice(0, 300),
        siteId,
        deviceId,
        code,
        withoutNul(message).slice(0, 1000),
        Buffer.from(payload.subarray(0, maxDeadLetterBytes)),
      ],
    );
  }

  /** Makes the partitions of this month and the next ones, when they are missing. */
  async ensurePartitions(): Promise<void> {
    await this.database.rows('SELECT ensure_event_partitions(3)');
  }
}

function parametersOf(batch: readonly IncomingEvent[]): unknown[] {
  const gaps = batch.flatMap(({ dropped }, row) => dropped.map((range) => ({ ...range, row: row + 1 })));
  return [
    batch.map(({ siteId }) => siteId),
    batch.map(({ deviceId }) => deviceId),
    batch.map(({ envelope }) => envelope.streamId),
    batch.map(({ envelope }) => envelope.seq),
    batch.map(({ envelope }) => envelope.id),
    batch.map(({ envelope }) => envelope.kind),
    batch.map(({ envelope, rejection }) => (rejection ? null : envelope.occurredAt)),
    batch.map(({ envelope, rejection }) => (rejection ? null : envelope.clockOffsetMs)),
    batch.map(({ envelope }) => envelope.clockTrusted),
    batch.map(({ envelope }) => `\\x${envelope.bodyHash}`),
    batch.map(({ personId }) => personId),
    batch.map(({ decision }) => decision),
    batch.map(({ body }) => body),
    batch.map(({ thumbnail }) => thumbnail),
    batch.map(({ rejection }) => rejection?.code ?? null),
    batch.map(({ rejection }) => (rejection ? withoutNul(rejection.message) : null)),
    batch.map(({ rejection, raw }) => (rejection ? raw.subarray(0, maxDeadLetterBytes) : null)),
    gaps.map(({ row }) => row),
    gaps.map(({ streamId }) => streamId),
    gaps.map(({ from }) => from),
    gaps.map(({ to }) => to),
  ];
}

function outcomeOf({ outcome, code }: ResultRow): Outcome {
  if (outcome === 'duplicate') return { type: 'committed', isNew: false };
  if (outcome === 'rejected') return { type: 'rejected', code: code ?? 'invalid-payload' };
  return { type: 'unknown-device' };
}

/** Postgres text takes no U+0000. */
function withoutNul(text: string): string {
  return text.replaceAll('\u0000', '\ufffd');
}
