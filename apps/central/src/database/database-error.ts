import { type ErrorCode, isLatchkeyError, LatchkeyError } from '@latchkey/domain';
import { isError } from '../runtime/is-error.ts';

/** SQLSTATE codes that mean that the server is gone, going or not yet there (PostgreSQL manual, appendix A). */
const unavailableStates = new Set(['57P01', '57P02', '57P03', '57P05', '53300', '25P03']);
/** What Node says when there is nothing at the other end. */
const unavailableErrnos = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
]);
/** What pg and TypeORM say without any code. */
const unavailableMessages =
  /connection terminated|timeout exceeded when trying to connect|client has encountered a connection error|connection timeout|not queryable|driver not connected|connection is not established|query read timeout/i;
/** Values that no column takes: NUL bytes, bad UUIDs, numbers out of range. */
const invalidValueStates = new Set(['22021', '22P02', '22P05', '22003', '22007', '22008', '22001']);

const messages = {
  'database-unavailable': 'The database does not answer; try again in a moment.',
  conflict: 'The thing exists already or was changed meanwhile.',
  'invalid-input':
    'A value is none that the database takes: text without NUL characters, times after the year 0, numbers in range.',
} as const satisfies Partial<Record<ErrorCode, string>>;

/**
 * A database error as Latchkey knows it: `database-unavailable`, `conflict` (unique key), `invalid-input` (a value that no
 * column takes); anything else is returned as it came.
 */
export function asLatchkeyError(error: unknown): unknown {
  if (isLatchkeyError(error)) return error;
  const code = codeOf(error);
  return code === null ? error : new LatchkeyError(code, messages[code], { cause: error });
}

/** SQLSTATE or errno of a database error, wrapped by TypeORM or not; null when there is none. */
export function stateOf(error: unknown): string | null {
  if (!isError(error)) return null;
  const driverError = 'driverError' in error ? error.driverError : null;
  for (const candidate of [driverError, error]) {
    if (candidate !== null && typeof candidate === 'object' && 'code' in candidate) {
      if (typeof candidate.code === 'string') return candidate.code;
    }
  }
  return null;
}

/**
 * Whether a statement got no answer in time (`query_timeout`): pg gives up the promise and says so without any code, and the
 * connection waits for the answer all the same, whatever comes next.
 */
export function isReadTimeout(error: unknown): boolean {
  return isError(error) && stateOf(error) === null && /query read timeout/i.test(error.message);
}

function codeOf(error: unknown): keyof typeof messages | null {
  const state = stateOf(error);
  if (state !== null) {
    if (unavailableStates.has(state) || unavailableErrnos.has(state) || /^08/.test(state))
      return 'database-unavailable';
    if (state === '23505') return 'conflict';
    if (invalidValueStates.has(state)) return 'invalid-input';
    return null;
  }
  return isError(error) && unavailableMessages.test(error.message) ? 'database-unavailable' : null;
}
