import { isLatchkeyError, type SequenceRange, toRanges } from '@latchkey/domain';
import { z } from 'zod';
import type { LocalDatabase, SqlRow } from '../database/local-database.ts';
import type { SqlArgument } from '../database/sql-argument.ts';
import { integerOf, storedText, textOf } from '../database/stored-text.ts';
import { resurrectFromName } from './copies.repository.ts';
import type { StreamGap } from './drop-plan.ts';
import { eventColumns, readEventRow } from './outbox-row.ts';
import type { SalvagedEvent, SalvagedStream } from './salvage-types.ts';
import { type SteppingQuery, SteppingReader } from './stepping-reader.ts';

/** What the indexes of the events say: a second copy of their places, on pages of their own. */
interface Places {
  /** Number by row, of one stream. */
  readonly seqByRow: ReadonlyMap<number, number>;
  /** Numbers about which the index says nothing, because its page cannot be read. */
  readonly unknown: readonly SequenceRange[];
}

const streamRow = z.object({ stream_key: z.number().int(), stream_id: storedText, last_seq: z.number().int() });
const streamIndexRow = z.object({ stream_key: z.number().int(), stream_id: storedText });
const placeRow = z.object({ row_order: z.number().int(), seq: z.number().int().min(1) });
const valueRow = z.object({ value: z.number().int().min(1) });
const rowOrderRow = z.object({ row_order: z.number().int() });
const stateRow = z.object({
  row_order: z.number().int(),
  stream_key: z.number().int(),
  state: z.number().int(),
  settled_at: z.number().nullable(),
  code: storedText.nullable(),
});
const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** As many numbers of a stream may be on disk: twice what an outbox holds by default. */
const believedAhead = 200_000;
/** Where not even the highest row can be read: more rows than an outbox with its committed events has. */
const assumedRows = 400_000;

/**
 * The outbox of a database that is damaged. Rows are read a few at a time, so that a page that cannot be read loses only its rows;
 * what they were is known from the indexes, which lie on other pages. Read {@link streams}, then {@link events} to their end, then
 * {@link gaps}.
 */
export class DamagedOutbox {
  private readonly database: LocalDatabase;
  private readonly reader: SteppingReader;
  private known: ReadonlyMap<number, SalvagedStream> | null = null;
  /** By stream key: numbers that were read, and numbers whose row says something that cannot be. */
  private readonly read = new Map<number, Set<number>>();
  private readonly broken = new Map<number, Set<number>>();
  private readonly readRows = new Set<number>();
  private places: ReadonlyMap<number, Places> = new Map();
  private withoutStream = 0;

  /** @param database must not end on damage. */
  constructor(database: LocalDatabase) {
    this.database = database;
    this.reader = new SteppingReader(database);
  }

  /** The streams whose id can be read, the table's word checked against the index's. */
  streams(): readonly SalvagedStream[] {
    this.known ??= this.readStreams();
    return [...this.known.values()];
  }

  /** Central's database epoch as last heard, null when that cannot be read. */
  databaseEpoch(): number | null {
    return this.value(`SELECT ${integerOf('value')} FROM outbox_meta WHERE name = 'database-epoch'`);
  }

  /** Whether committed events of it waited to be sent again, after a restore of central. */
  isResurrecting(): boolean {
    return this.value(`SELECT ${integerOf('value')} FROM outbox_meta WHERE name = '${resurrectFromName}'`) !== null;
  }

  /** Every event that is on disk as it was written; oldest first, but for those that only the index still leads to. */
  *events(): Generator<SalvagedEvent> {
    this.streams();
    this.places = new Map([...(this.known ?? [])].map(([key, stream]) => [key, this.readPlaces(key, stream)]));
    const query: SteppingQuery = {
      sql: `SELECT ${eventColumns}, ${['e.stream_key', 'e.state', 'e.settled_at'].map(integerOf).join(', ')}, ${textOf('e.code')}
        FROM outbox_event e NOT INDEXED WHERE e.row_order BETWEEN ? AND ? ORDER BY e.row_order LIMIT ?`,
      key: 'row_order',
      upTo: this.lastRow(),
    };
    const seen = new Set<number>();
    for (const row of this.reader.rows(query)) {
      seen.add(Number(row.row_order));
      yield* this.toEvent(row);
    }
    for (const { seqByRow } of this.places.values()) {
      for (const rowOrder of seqByRow.keys()) {
        const row = seen.has(rowOrder) ? null : this.reader.row(query, rowOrder);
        if (row) yield* this.toEvent(row);
      }
    }
  }

  /**
   * Numbers that were on disk and cannot be read; of pages whose index is gone too, all that may have been there. With a `dropped`
   * event the numbers are lost that it named: then all that are not there, many of which the log may have.
   */
  gaps(): readonly StreamGap[] {
    const settled = this.settledRows();
    const isGapLost = this.isGapLost();
    return [...(this.known ?? [])].flatMap(([key, { streamId, lastSeq }]) => {
      const { seqByRow, unknown } = this.places.get(key) ?? { seqByRow: new Map<number, number>(), unknown: [] };
      const read = this.read.get(key) ?? new Set<number>();
      const lost = new Set(this.broken.get(key));
      if (isGapLost) for (let seq = Math.max(1, lastSeq - believedAhead); seq <= lastSeq; seq++) lost.add(seq);
      for (const [row, seq] of seqByRow) {
        if (settled.has(row)) lost.delete(seq);
        else lost.add(seq);
      }
      for (const [from, to] of unknown) for (let seq = from; seq <= to; seq++) lost.add(seq);
      const ranges = toRanges([...lost].filter((seq) => !read.has(seq)));
      return ranges.length > 0 ? [{ streamId, ranges }] : [];
    });
  }

  /** Events that were read, and whose stream nobody knows any more. */
  get unnamed(): number {
    return this.withoutStream;
  }

  private toEvent(row: SqlRow): SalvagedEvent[] {
    const state = stateRow.safeParse(row);
    const key = state.data?.stream_key;
    const stream = key === undefined ? undefined : this.known?.get(key);
    if (key === undefined || !state.success || !stream) {
      this.withoutStream++;
      return [];
    }
    const entry = readEventRow({ ...row, stream_id: Buffer.from(stream.streamId) });
    const indexed = this.places.get(key)?.seqByRow.get(state.data.row_order);
    if (!entry || !('envelope' in entry) || (indexed !== undefined && indexed !== entry.envelope.seq)) {
      const seq = entry && ('envelope' in entry ? entry.envelope.seq : entry.seq);
      // A number beyond the last one was never given out: it is the number itself that is broken.
      if (seq !== null && state.data.state === 0 && seq >= 1 && seq <= stream.lastSeq) note(this.broken, key, seq);
      return [];
    }
    note(this.read, key, entry.envelope.seq);
    this.readRows.add(state.data.row_order);
    const { settled_at: settledAt, code } = state.data;
    return [{ envelope: entry.envelope, state: stateOf(state.data.state), settledAt, code }];
  }

  private readStreams(): ReadonlyMap<number, SalvagedStream> {
    const ids = this.idsOfIndex();
    const lastSeqs = new Map<number, number>();
    const disputed = new Set<number>();
    const sql = `SELECT stream_key, ${textOf('stream_id')}, ${integerOf('last_seq')} FROM outbox_stream NOT INDEXED
      WHERE stream_key BETWEEN ? AND ? ORDER BY stream_key LIMIT ?`;
    const upTo =
      this.value(`SELECT ${integerOf('seq')} FROM sqlite_sequence WHERE name = 'outbox_stream'`, 'seq') ?? 10_000;
    for (const row of this.reader.rows({ sql, key: 'stream_key', upTo })) {
      const { data } = streamRow.safeParse(row);
      if (!data || !uuidForm.test(data.stream_id)) continue;
      const indexed = ids.get(data.stream_key);
      // Of two ids one is wrong, and an event under a wrong one would never be missed.
      if (indexed !== undefined && indexed !== data.stream_id) disputed.add(data.stream_key);
      ids.set(data.stream_key, data.stream_id);
      lastSeqs.set(data.stream_key, data.last_seq);
    }
    const streams = [...ids].filter(([key]) => !disputed.has(key));
    return new Map(
      streams.map(([key, streamId]) => [key, { streamId, lastSeq: this.lastSeq(key, lastSeqs.get(key)) }]),
    );
  }

  private idsOfIndex(): Map<number, string> {
    try {
      const rows = this.database.all(
        `SELECT stream_key, ${textOf('stream_id')} FROM outbox_stream INDEXED BY sqlite_autoindex_outbox_stream_1 ORDER BY stream_id`,
      );
      const ids = rows.flatMap((row) => streamIndexRow.safeParse(row).data ?? []);
      return new Map(ids.filter((row) => uuidForm.test(row.stream_id)).map((row) => [row.stream_key, row.stream_id]));
    } catch (error) {
      assertDamage(error);
      return new Map();
    }
  }

  /** The last number of a stream: what its row says, unless that cannot be. */
  private lastSeq(key: number, told: number | undefined): number {
    const seen =
      this.value(
        `SELECT seq AS value FROM outbox_event INDEXED BY sqlite_autoindex_outbox_event_1
         WHERE stream_key = ? ORDER BY seq DESC LIMIT 1`,
        'value',
        [key],
      ) ?? 0;
    if (told === undefined || told < seen) return seen;
    // Without any event left, nothing but the row itself says how far the stream went; then nothing of it is missing either.
    return seen > 0 && told > seen + believedAhead ? seen : told;
  }

  private readPlaces(key: number, { lastSeq }: SalvagedStream): Places {
    const seqByRow = new Map<number, number>();
    const unknown: SequenceRange[] = [];
    const sql = `SELECT row_order, seq FROM outbox_event INDEXED BY sqlite_autoindex_outbox_event_1
      WHERE stream_key = ? AND seq BETWEEN ? AND ? ORDER BY seq LIMIT ?`;
    const unread = ([from, to]: SequenceRange) => {
      const oldest = Math.max(from, lastSeq - believedAhead);
      if (oldest <= to) unknown.push([oldest, to]);
    };
    for (const row of this.reader.rows({ sql, args: [key], key: 'seq', upTo: lastSeq, unread })) {
      const { data } = placeRow.safeParse(row);
      if (data) seqByRow.set(data.row_order, data.seq);
    }
    return { seqByRow, unknown };
  }

  /** Rows that central has, or has refused: nothing is lost with them. */
  private settledRows(): ReadonlySet<number> {
    const settled = new Set<number>();
    for (const state of [1, 2]) {
      const sql = `SELECT row_order FROM outbox_event INDEXED BY outbox_event_by_state
        WHERE state = ? AND row_order BETWEEN ? AND ? ORDER BY row_order LIMIT ?`;
      const upTo = this.lastRow();
      for (const row of this.reader.rows({ sql, args: [state], key: 'row_order', upTo })) {
        const { data } = rowOrderRow.safeParse(row);
        if (data) settled.add(data.row_order);
      }
    }
    return settled;
  }

  /** Whether a `dropped` event that waits for central was not read. */
  private isGapLost(): boolean {
    let isLost = false;
    const sql = `SELECT row_order FROM outbox_event INDEXED BY outbox_event_by_kind
      WHERE state = 0 AND kind = 'dropped' AND row_order BETWEEN ? AND ? ORDER BY row_order LIMIT ?`;
    const unread = () => {
      isLost = true;
    };
    for (const row of this.reader.rows({ sql, key: 'row_order', upTo: this.lastRow(), unread })) {
      const { data } = rowOrderRow.safeParse(row);
      if (data && !this.readRows.has(data.row_order)) isLost = true;
    }
    return isLost;
  }

  private lastRow(): number {
    const counted = this.value(`SELECT ${integerOf('seq')} FROM sqlite_sequence WHERE name = 'outbox_event'`, 'seq');
    return counted ?? this.value('SELECT max(row_order) AS value FROM outbox_event NOT INDEXED') ?? assumedRows;
  }

  private value(sql: string, name = 'value', args: readonly SqlArgument[] = []): number | null {
    try {
      const row = this.database.get(sql, args);
      const parsed = valueRow.safeParse({ value: row?.[name] });
      return parsed.success ? parsed.data.value : null;
    } catch (error) {
      assertDamage(error);
      return null;
    }
  }
}

/** A state that says nothing sensible counts as pending: what central has already it does not take twice. */
function stateOf(state: number): SalvagedEvent['state'] {
  return state === 1 ? 'acked' : state === 2 ? 'quarantined' : 'pending';
}

function note(numbers: Map<number, Set<number>>, key: number, seq: number): void {
  const known = numbers.get(key);
  if (known) known.add(seq);
  else numbers.set(key, new Set([seq]));
}

function assertDamage(error: unknown): void {
  if (!isLatchkeyError(error, 'storage-corrupt')) throw error;
}
