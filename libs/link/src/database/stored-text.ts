import { z } from 'zod';

/** SQL that reads an integer column under its own name, null where a damaged page holds something else, see {@link textOf}. */
export function integerOf(column: string): string {
  return `CASE typeof(${column}) WHEN 'integer' THEN ${column} END AS ${nameOf(column)}`;
}

/**
 * SQL that reads a text column as its bytes, under its own name. libsql aborts the whole process when it hands out text that
 * is not UTF-8, and a damaged page of an encrypted file holds such text. {@link storedText} makes text of the bytes.
 * @param column a column's name, with or without its table's.
 */
export function textOf(column: string): string {
  return `CAST(${column} AS BLOB) AS ${nameOf(column)}`;
}

function nameOf(column: string): string {
  return column.slice(column.indexOf('.') + 1);
}

/** Text that was read with {@link textOf}; anything but UTF-8 does not parse. */
export const storedText = z.instanceof(Uint8Array).transform((bytes, context) => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    context.addIssue({ code: 'custom', message: 'The stored text is not UTF-8.' });
    return z.NEVER;
  }
});
