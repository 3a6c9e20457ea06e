import { z } from 'zod';
import type { LocalDatabase, SqlRow } from '../database/local-database.ts';
import type { SqlArgument } from '../database/sql-argument.ts';

/** Events and bytes, of one state or of one change. */
export interface OutboxTotals {
  readonly events: number;
  readonly bytes: number;
}

/** How much an outbox holds. */
export interface OutboxCounters {
  pending: OutboxTotals;
  acked: OutboxTotals;
  /** Of the committed ones those that are to be pending again, because central was restored. */
  waiting: OutboxTotals;
  quarantined: OutboxTotals;
}

/** No events. */
export const nothing: OutboxTotals = { events: 0, bytes: 0 };

/** Both together. */
export function more(a: OutboxTotals, b: OutboxTotals): OutboxTotals {
  return { events: a.events + b.events, bytes: a.bytes + b.bytes };
}

/** What is left of the first without the second. */
export function less(a: OutboxTotals, b: OutboxTotals): OutboxTotals {
  return { events: a.events - b.events, bytes: a.bytes - b.bytes };
}

const bytesRow = z.object({ bytes: z.number() });

/**
 * Runs a statement that gives back the `bytes` of every row that it changes.
 * @throws LatchkeyError as {@link parseRow} and `LocalDatabase.run`.
 */
export function totalsOfChange(database: LocalDatabase, sql: string, args: readonly SqlArgument[]): OutboxTotals {
  return sumOf(database.all(sql, args).map((row) => parseRow(database, bytesRow, row)));
}

/** How many rows there are, and their bytes. */
export function sumOf(rows: readonly { readonly bytes: number }[]): OutboxTotals {
  return { events: rows.length, bytes: rows.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/**
 * A row of the outbox as it must be.
 * @throws LatchkeyError `storage-corrupt` when nobody can have written it.
 */
export function parseRow<T>(database: LocalDatabase, schema: z.ZodType<T>, row: SqlRow | undefined): T {
  const parsed = schema.safeParse(row);
  if (parsed.success) return parsed.data;
  throw database.damaged('A row of the outbox holds what was never written there.', parsed.error);
}
