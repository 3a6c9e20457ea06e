import { isLatchkeyError, type SequenceRange } from '@latchkey/domain';
import type { LocalDatabase, SqlRow } from '../database/local-database.ts';
import type { SqlArgument } from '../database/sql-argument.ts';

/** What is read, by an ascending integer. */
export interface SteppingQuery {
  /** Ends with `key BETWEEN ? AND ? ORDER BY key LIMIT ?`, after what `args` fill. */
  readonly sql: string;
  readonly args?: readonly SqlArgument[];
  /** The column by which it goes. */
  readonly key: string;
  /** The highest key there can be. */
  readonly upTo: number;
  /** Told where nothing can be read. */
  readonly unread?: (range: SequenceRange) => void;
}

const batch = 500;

/**
 * Reads what can be read of a table or an index with damaged pages: in batches up to the damage, then on behind it. Of two damaged
 * pages, what lies between them may be missed; {@link row} still finds it for whoever knows its key.
 */
export class SteppingReader {
  private readonly database: LocalDatabase;

  constructor(database: LocalDatabase) {
    this.database = database;
  }

  /** @throws what the database throws, except `storage-corrupt`. */
  *rows(query: SteppingQuery): Generator<SqlRow> {
    let next = 1;
    let limit = batch;
    while (next <= query.upTo) {
      const rows = this.attempt(query, next, query.upTo, limit);
      if (rows === null && limit > 1) {
        limit = 1;
      } else if (rows === null) {
        const end = this.endOfDamage(query, next);
        query.unread?.([next, end - 1]);
        next = end;
        limit = batch;
      } else {
        if (rows.length === 0) return;
        yield* rows;
        // A key that does not ascend is damage too; what lies behind it is looked for all the same.
        next = Math.max(next, Number(rows.at(-1)?.[query.key]) || 0) + 1;
      }
    }
  }

  /** The row of one key, null when it cannot be read or is not there. Throws as {@link rows}. */
  row(query: SteppingQuery, key: number): SqlRow | null {
    return this.attempt(query, key, key, 1)?.[0] ?? null;
  }

  /** The first key above `from`, which cannot be read, that can be; found by doubled steps and then by halving. */
  private endOfDamage(query: SteppingQuery, from: number): number {
    const canRead = (key: number) => key > query.upTo || this.attempt(query, key, query.upTo, 1) !== null;
    let bad = from;
    let good = from + 1;
    for (let step = 1; !canRead(good); step *= 2) {
      bad = good;
      good = Math.min(from + 2 * step, query.upTo + 1);
    }
    while (good - bad > 1) {
      const middle = Math.floor((bad + good) / 2);
      if (canRead(middle)) good = middle;
      else bad = middle;
    }
    return good;
  }

  private attempt({ sql, args = [] }: SteppingQuery, from: number, to: number, limit: number): SqlRow[] | null {
    try {
      return this.database.all(sql, [...args, from, to, limit]);
    } catch (error) {
      if (isLatchkeyError(error, 'storage-corrupt')) return null;
      throw error;
    }
  }
}
