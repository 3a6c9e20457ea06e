import type { SequenceRange } from '@latchkey/domain';
import { z } from 'zod';
import type { LocalDatabase } from '../database/local-database.ts';
import { integerOf } from '../database/stored-text.ts';
import { states } from './outbox-states.ts';
import { nothing, type OutboxTotals, parseRow, sumOf, totalsOfChange } from './outbox-totals.ts';

/** Where in `outbox_meta` stands the row from which on copies wait; absent when none does. */
export const resurrectFromName = 'resurrect-from';

// Apart from the schema, because databases of the same version that were made without them get them too.
// Whatever is acknowledged asks for what has become too old to keep; without an index that reads every committed event, and a
// long backlog never ends. Of pending events, those with an epoch are copies.
const indexes = `
CREATE INDEX IF NOT EXISTS outbox_event_by_age ON outbox_event (settled_at) WHERE state = 1;
CREATE INDEX IF NOT EXISTS outbox_event_by_copy ON outbox_event (kind, row_order) WHERE state = 0 AND acked_epoch IS NOT NULL;
`;

const isOlder = `state = ${states.acked} AND coalesce(acked_epoch, 0) < ?`;

const valueRow = z.object({ value: z.number() });
const totalsRow = z.object({ events: z.number(), bytes: z.number() });
const movedRow = z.object({ row_order: z.number(), bytes: z.number() });

/**
 * Committed events that are kept for a restore of central. After one those of an older database epoch wait to be sent again,
 * oldest first: they become pending a few at a time, because all at once would hold up the door and fill the disk. How far that
 * has come is on disk. Every method is one step; the outbox puts them into transactions.
 */
export class CopiesRepository {
  private readonly database: LocalDatabase;

  constructor(database: LocalDatabase) {
    this.database = database;
  }

  /** Makes what the table of events lacks. The epoch is that of the last acknowledgement, null for none or an unknown one. */
  migrate(): void {
    const hasEpoch = this.database.get(
      `SELECT 1 AS value FROM pragma_table_info('outbox_event') WHERE name = 'acked_epoch'`,
    );
    if (!hasEpoch) this.database.execute('ALTER TABLE outbox_event ADD COLUMN acked_epoch INTEGER');
    this.database.execute(indexes);
  }

  /** Marks exactly these pending numbers of exactly this stream as committed. Returns what they were. */
  markAcked(streamId: string, [from, to]: SequenceRange, epoch: number, at: number): OutboxTotals {
    return totalsOfChange(
      this.database,
      `UPDATE outbox_event SET state = ${states.acked}, acked_epoch = ?, settled_at = ?
       WHERE state = ${states.pending} AND stream_key = (SELECT stream_key FROM outbox_stream WHERE stream_id = ?)
         AND seq BETWEEN ? AND ? RETURNING bytes`,
      [epoch, at, streamId, from, to],
    );
  }

  /** Marks waiting ones of these numbers as committed in the database of this epoch too. Returns what they were. */
  confirm(streamId: string, [from, to]: SequenceRange, epoch: number, at: number): OutboxTotals {
    return totalsOfChange(
      this.database,
      `UPDATE outbox_event SET acked_epoch = ?, settled_at = ?
       WHERE ${isOlder} AND stream_key = (SELECT stream_key FROM outbox_stream WHERE stream_id = ?)
         AND seq BETWEEN ? AND ? RETURNING bytes`,
      [epoch, at, epoch, streamId, from, to],
    );
  }

  /** Lets all committed events wait from now on whose epoch is older than the one that {@link resurrect} is told. */
  beginResurrection(): void {
    this.database.run(
      `INSERT INTO outbox_meta (name, value) VALUES ('${resurrectFromName}', 1) ON CONFLICT (name) DO UPDATE SET value = 1`,
    );
  }

  /** Nothing waits any more. */
  endResurrection(): void {
    this.database.run(`DELETE FROM outbox_meta WHERE name = '${resurrectFromName}'`);
  }

  /** Committed events that wait to be pending again. */
  waiting(epoch: number): OutboxTotals {
    const from = this.resurrectFrom();
    if (from === null) return nothing;
    const row = this.database.get(
      `SELECT count(*) AS events, coalesce(sum(bytes), 0) AS bytes FROM outbox_event WHERE row_order >= ? AND ${isOlder}`,
      [from, epoch],
    );
    return parseRow(this.database, totalsRow, row);
  }

  /**
   * Makes the oldest waiting events pending, so many that `limit` pending ones follow a row without a waiting one between them.
   * Nothing for a row behind which some wait already: who reads from there has begun before they did. Returns what they were.
   */
  resurrect(limit: number, afterRowOrder: number, epoch: number): OutboxTotals {
    const from = this.resurrectFrom();
    if (from === null || afterRowOrder >= from) return nothing;
    const ready = this.database.get(
      `SELECT count(*) AS value FROM
         (SELECT 1 FROM outbox_event WHERE state = ${states.pending} AND row_order > ? AND row_order < ? LIMIT ?)`,
      [afterRowOrder, from, limit],
    );
    const wanted = limit - parseRow(this.database, valueRow, ready).value;
    if (wanted <= 0) return nothing;
    const rows = this.database
      .all(
        `UPDATE outbox_event SET state = ${states.pending}, settled_at = NULL, acked_epoch = coalesce(acked_epoch, 0)
         WHERE row_order IN
           (SELECT row_order FROM outbox_event WHERE row_order >= ? AND ${isOlder} ORDER BY row_order LIMIT ?)
         RETURNING row_order, bytes`,
        [from, epoch, wanted],
      )
      .map((row) => parseRow(this.database, movedRow, row));
    const last = rows.reduce((highest, { row_order }) => Math.max(highest, row_order), from);
    this.database.run(`UPDATE outbox_meta SET value = ? WHERE name = '${resurrectFromName}'`, [last + 1]);
    return sumOf(rows);
  }

  /** Forgets at most `count` committed events that were settled before a time, those that were settled first before others. */
  deleteAckedBefore(before: number, count: number): OutboxTotals {
    return totalsOfChange(
      this.database,
      `DELETE FROM outbox_event WHERE row_order IN
         (SELECT row_order FROM outbox_event INDEXED BY outbox_event_by_age
          WHERE state = ${states.acked} AND settled_at < ? ORDER BY settled_at LIMIT ?)
       RETURNING bytes`,
      [before, count],
    );
  }

  private resurrectFrom(): number | null {
    const row = this.database.get(`SELECT ${integerOf('value')} FROM outbox_meta WHERE name = '${resurrectFromName}'`);
    return row ? parseRow(this.database, valueRow, row).value : null;
  }
}
