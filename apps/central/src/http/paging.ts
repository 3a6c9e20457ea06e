import { LatchkeyError } from '@latchkey/domain';
import type { z } from 'zod';

/** A page of a list. */
export interface Page<T> {
  readonly items: T[];
  /** Null at the end. */
  readonly nextCursor: string | null;
}

/**
 * The page out of `limit + 1` rows: the extra one tells that there is more.
 * @param positionOf what the next page begins after.
 */
export function pageOf<T>(rows: readonly T[], limit: number, positionOf: (last: T) => unknown): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { items, nextCursor: more ? encodeCursor(positionOf(last)) : null };
}

/** A position as text that means nothing to its bearer. */
export function encodeCursor(position: unknown): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/**
 * The position that {@link encodeCursor} wrote; null without a cursor.
 * @throws LatchkeyError `invalid-input` for anything that it did not write.
 */
export function decodeCursor<S extends z.ZodType>(schema: S, cursor: string | undefined): z.infer<S> | null {
  if (cursor === undefined) return null;
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch (cause) {
    throw new LatchkeyError('invalid-input', 'The cursor is not one of this list; begin without it.', { cause });
  }
}
