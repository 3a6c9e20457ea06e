import { LatchkeyError } from '@latchkey/domain';

/** What may be bound to a statement. Booleans are 0 or 1 at the caller's, times are epoch milliseconds. */
export type SqlArgument = null | number | bigint | string | Uint8Array;

/**
 * A value as libsql takes it: it aborts the whole process on a boolean, a Date or an object, and stores every JavaScript
 * number as REAL unless it comes as bigint.
 * @throws LatchkeyError `invalid-input` for anything that has no faithful form.
 */
export function toBindable(value: SqlArgument): null | number | bigint | string | Buffer {
  if (value === null) return value;
  if (typeof value === 'string') {
    if (!value.includes('\u0000')) return value;
    throw new LatchkeyError(
      'invalid-input',
      'A text with a NUL character cannot be stored: libsql would cut it there.',
    );
  }
  if (typeof value === 'bigint') {
    if (BigInt.asIntN(64, value) === value) return value;
  } else if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return BigInt(value);
    if (Number.isFinite(value)) return value;
  } else if (value instanceof Uint8Array) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }
  throw new LatchkeyError('invalid-input', `A value of type ${typeof value} (${String(value)}) cannot be stored.`);
}
