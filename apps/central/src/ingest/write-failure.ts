import { isLatchkeyError } from '@latchkey/domain';
import { stateOf } from '../database/database-error.ts';

/**
 * What to do about a batch that was not written. `split`: a value of some event cannot be stored, so find that event.
 * `partition`: the month's partition is missing. `again`: the batch is not at fault.
 */
export type WriteFailure = 'split' | 'partition' | 'again';

/** Judges a database error by its SQLSTATE (PostgreSQL manual, appendix A). */
export function judgeFailure(error: unknown): WriteFailure {
  const state = stateOf(isLatchkeyError(error) ? error.cause : error);
  // "no partition of relation found for row" is a check violation.
  if (state === '23514') return 'partition';
  // Class 22: data exceptions. Class 23: constraints. 54000: a value too large for an index.
  return state !== null && /^(22|23|54)/.test(state) ? 'split' : 'again';
}
