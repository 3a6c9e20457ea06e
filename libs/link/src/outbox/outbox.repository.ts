import type { EventEnvelope } from '@latchkey/contracts';
import { LatchkeyError } from '@latchkey/domain';
import { z } from 'zod';
import type { LocalDatabase } from '../database/local-database.ts';
import { integerOf, storedText, textOf } from '../database/stored-text.ts';
import { type DroppableEvent, dropOrder, type StreamGap } from './drop-plan.ts';
import { type DamagedEntry, eventColumns, type OutboxEntry, readEventRow } from './outbox-row.ts';
import { type OutboxState, states } from './outbox-states.ts';
import { type OutboxTotals, parseRow, totalsOfChange } from './outbox-totals.ts';
import type { SalvagedEvent, SalvagedStream } from './salvage-types.ts';

/** Some events, oldest first. */
export interface OutboxPage {
  readonly entries: readonly OutboxEntry[];
  readonly damaged: readonly DamagedEntry[];
}

const schemaVersion = 1;

// Another process that still runs on this database may not have written into its stream yet.
const keptEmptyStreams = 100;

const schema = `
CREATE TABLE outbox_meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE outbox_stream (
  stream_key INTEGER PRIMARY KEY AUTOINCREMENT,
  stream_id TEXT NOT NULL UNIQUE,
  last_seq INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE outbox_event (
  row_order INTEGER PRIMARY KEY AUTOINCREMENT,
  stream_key INTEGER NOT NULL REFERENCES outbox_stream,
  seq INTEGER NOT NULL,
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  occurred_at TEXT NOT NULL,
  clock_offset_ms INTEGER,
  clock_trusted INTEGER NOT NULL,
  body_hash TEXT NOT NULL,
  body TEXT NOT NULL,
  thumbnail TEXT,
  bytes INTEGER NOT NULL,
  state INTEGER NOT NULL DEFAULT 0,
  settled_at INTEGER,
  code TEXT,
  UNIQUE (stream_key, seq)
);
CREATE INDEX outbox_event_by_state ON outbox_event (state, row_order);
CREATE INDEX outbox_event_by_kind ON outbox_event (kind, row_order) WHERE state = 0;
`;

const gapRow = z.object({ stream_id: storedText, low: z.number(), high: z.number() });
const totalsRow = z.object({ events: z.number(), bytes: z.number() });
const valueRow = z.object({ value: z.number() });
const keyRow = z.object({ stream_key: z.number() });
const pictureRow = z.object({ row_order: z.number(), bytes: z.number() });
const droppableRow = z.object({
  row_order: z.number(),
  stream_id: storedText,
  seq: z.number(),
  // One that cannot be read any more is given up with what it says.
  body: storedText.catch(''),
  bytes: z.number(),
});

const selectEvents = `SELECT ${eventColumns}, ${textOf('s.stream_id')} FROM outbox_event e JOIN outbox_stream s USING (stream_key)`;

/** The tables of the outbox. Every method is one step; the outbox puts them into transactions. */
export class OutboxRepository {
  private readonly database: LocalDatabase;

  constructor(database: LocalDatabase) {
    this.database = database;
  }

  /**
   * Makes the tables when they are not there.
   * @throws LatchkeyError `storage-failed` when a newer version of Latchkey has written them: nothing is wrong with them, and they
   * are left as they are; `storage-corrupt` when they do not say which version has written them.
   */
  migrate(): void {
    const exists = this.database.get(`SELECT 1 AS value FROM sqlite_schema WHERE name = 'outbox_meta'`);
    if (!exists) {
      this.database.execute(schema);
      this.writeMeta('schema-version', schemaVersion);
    }
    const version = this.readMeta('schema-version');
    if (version === undefined || version < schemaVersion) {
      throw this.database.damaged('The outbox does not say which version it has.');
    }
    if (version > schemaVersion) {
      throw new LatchkeyError(
        'storage-failed',
        `The outbox has schema version ${version}, this agent knows ${schemaVersion}; run the agent that wrote it.`,
      );
    }
  }

  /** A number kept beside the events, undefined when it was never written. */
  readMeta(name: string): number | undefined {
    const row = this.database.get(`SELECT ${integerOf('value')} FROM outbox_meta WHERE name = ?`, [name]);
    return row && parseRow(this.database, valueRow, row).value;
  }

  /** Keeps a number beside the events. */
  writeMeta(name: string, value: number): void {
    this.database.run(
      'INSERT INTO outbox_meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
      [name, value],
    );
  }

  /** Begins a stream and forgets old ones that have no events left. Returns its key. */
  beginStream(streamId: string): number {
    const row = this.database.get('INSERT INTO outbox_stream (stream_id) VALUES (?) RETURNING stream_key', [streamId]);
    const key = keyRow.parse(row).stream_key;
    this.database.run(
      'DELETE FROM outbox_stream WHERE stream_key < ? AND stream_key NOT IN (SELECT stream_key FROM outbox_event)',
      [key - keptEmptyStreams],
    );
    return key;
  }

  /** Takes over a stream of another database, or finds it when it was taken over before. Returns its key. */
  adoptStream({ streamId, lastSeq }: SalvagedStream): number {
    const row = this.database.get(
      `INSERT INTO outbox_stream (stream_id, last_seq) VALUES (?, ?)
       ON CONFLICT (stream_id) DO UPDATE SET last_seq = max(last_seq, excluded.last_seq) RETURNING stream_key`,
      [streamId, lastSeq],
    );
    return parseRow(this.database, keyRow, row).stream_key;
  }

  /** Takes over an event of another database unless it is here already. Returns whether it was new. */
  adopt(streamKey: number, { envelope, state, settledAt, code }: SalvagedEvent, body: string, bytes: number): boolean {
    const isHere = this.database.get('SELECT 1 AS value FROM outbox_event WHERE stream_key = ? AND seq = ?', [
      streamKey,
      envelope.seq,
    ]);
    if (isHere) return false;
    this.insert(streamKey, envelope, body, bytes);
    if (state !== 'pending') {
      this.database.run(
        'UPDATE outbox_event SET state = ?, settled_at = ?, code = ? WHERE stream_key = ? AND seq = ?',
        [states[state], settledAt ?? 0, code, streamKey, envelope.seq],
      );
    }
    return true;
  }

  /** The next number of a stream, counted in the same transaction as the event that gets it. */
  takeSeq(streamKey: number): number {
    const row = this.database.get(
      'UPDATE outbox_stream SET last_seq = last_seq + 1 WHERE stream_key = ? RETURNING last_seq AS value',
      [streamKey],
    );
    if (!row) throw this.database.damaged('The stream of the outbox is gone.');
    return parseRow(this.database, valueRow, row).value;
  }

  /** Stores a new event as pending. */
  insert(streamKey: number, event: EventEnvelope, body: string, bytes: number): void {
    this.database.run(
      `INSERT INTO outbox_event (stream_key, seq, id, kind, occurred_at, clock_offset_ms, clock_trusted, body_hash, body, thumbnail, bytes)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      [
        streamKey,
        event.seq,
        event.id,
        event.kind,
        event.occurredAt,
        event.clockOffsetMs,
        event.clockTrusted ? 1 : 0,
        event.bodyHash,
        body,
        event.thumbnail ?? null,
        bytes,
      ],
    );
  }

  /** Events of a state after a row, oldest first; those that are damaged apart. */
  list(state: OutboxState, limit: number, afterRowOrder: number): OutboxPage {
    const entries: OutboxEntry[] = [];
    const damaged: DamagedEntry[] = [];
    const rows = this.database.all(
      `${selectEvents} WHERE e.state = ? AND e.row_order > ? ORDER BY e.row_order LIMIT ?`,
      [states[state], afterRowOrder, limit],
    );
    for (const row of rows) {
      const entry = readEventRow(row);
      if (!entry) throw this.database.damaged('An event on disk has lost its stream or its number.');
      if ('envelope' in entry) entries.push(entry);
      else damaged.push(entry);
    }
    return { entries, damaged };
  }

  /** Moves one pending event into the quarantine. Returns what it was. */
  markQuarantined(streamId: string, seq: number, code: string, at: number): OutboxTotals {
    return totalsOfChange(
      this.database,
      `UPDATE outbox_event SET state = ${states.quarantined}, settled_at = ?, code = ?
       WHERE state = ${states.pending} AND stream_key = (SELECT stream_key FROM outbox_stream WHERE stream_id = ?)
         AND seq = ? RETURNING bytes`,
      [at, code, streamId, seq],
    );
  }

  /** Forgets the oldest events that are committed, or in the quarantine. */
  deleteOldest(state: Exclude<OutboxState, 'pending'>, count: number): OutboxTotals {
    return totalsOfChange(
      this.database,
      `DELETE FROM outbox_event WHERE row_order IN
         (SELECT row_order FROM outbox_event WHERE state = ? ORDER BY row_order LIMIT ?) RETURNING bytes`,
      [states[state], count],
    );
  }

  /** Removes the pictures of the oldest pending events that have one. Returns how many, and the bytes that are gained. */
  stripOldestThumbnails(count: number): OutboxTotals {
    const rows = this.database.all(
      `SELECT row_order, length(thumbnail) AS bytes FROM outbox_event
       WHERE state = ${states.pending} AND thumbnail IS NOT NULL ORDER BY row_order LIMIT ?`,
      [count],
    );
    let bytes = 0;
    for (const row of rows) {
      const picture = parseRow(this.database, pictureRow, row);
      this.database.run('UPDATE outbox_event SET bytes = bytes - ?, thumbnail = NULL WHERE row_order = ?', [
        picture.bytes,
        picture.row_order,
      ]);
      bytes += picture.bytes;
    }
    return { events: rows.length, bytes };
  }

  /** Pending events: copies before others, then least important kinds first and the oldest of a kind first. */
  leastImportant(count: number): DroppableEvent[] {
    const events: DroppableEvent[] = [];
    for (const where of [
      'e INDEXED BY outbox_event_by_copy JOIN outbox_stream s USING (stream_key) WHERE e.acked_epoch IS NOT NULL',
      'e JOIN outbox_stream s USING (stream_key) WHERE e.acked_epoch IS NULL',
    ]) {
      for (const kind of dropOrder) {
        if (events.length >= count) return events;
        const rows = this.database.all(
          `SELECT e.row_order, ${textOf('s.stream_id')}, e.seq, ${textOf('e.body')}, e.bytes FROM outbox_event ${where}
             AND e.state = ${states.pending} AND e.kind = ? ORDER BY e.row_order LIMIT ?`,
          [kind, count - events.length],
        );
        for (const row of rows) {
          const { row_order: rowOrder, stream_id: streamId, ...rest } = parseRow(this.database, droppableRow, row);
          events.push({ rowOrder, streamId, kind, ...rest });
        }
      }
    }
    return events;
  }

  /** Deletes an event. */
  delete({ rowOrder }: DroppableEvent): void {
    this.database.run('DELETE FROM outbox_event WHERE row_order = ?', [rowOrder]);
  }

  /** Numbers that were given out and of which there is no event any more, whatever became of them. */
  missing(): StreamGap[] {
    const rows = this.database.all(
      `WITH place AS (
         SELECT stream_key, seq FROM outbox_event
         UNION ALL SELECT stream_key, 0 FROM outbox_stream
         UNION ALL SELECT stream_key, last_seq + 1 FROM outbox_stream
       ), gap AS (
         SELECT stream_key, seq + 1 AS low, lead(seq) OVER (PARTITION BY stream_key ORDER BY seq) - 1 AS high FROM place
       )
       SELECT ${textOf('s.stream_id')}, low, high FROM gap JOIN outbox_stream s USING (stream_key) WHERE high >= low`,
    );
    return rows.map((row) => {
      const { stream_id: streamId, low, high } = parseRow(this.database, gapRow, row);
      return { streamId, ranges: [[low, high]] };
    });
  }

  /** How many events of a state there are, and their bytes. */
  totals(state: OutboxState): OutboxTotals {
    return totalsRow.parse(
      this.database.get(
        'SELECT count(*) AS events, coalesce(sum(bytes), 0) AS bytes FROM outbox_event WHERE state = ?',
        [states[state]],
      ),
    );
  }
}
