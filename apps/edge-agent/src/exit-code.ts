import { isLatchkeyError } from '@latchkey/domain';

/** The database was found damaged while the agent ran: whoever supervises it starts it again, and that start recovers. */
export const damagedExitCode = 5;

/** Exit codes of DESIGN.md §8: 2 bad input, 3 a needed file or service is missing, 4 internal. */
export function exitCodeOf(error: unknown): 2 | 3 | 4 {
  if (!isLatchkeyError(error)) return 4;
  switch (error.code) {
    case 'config-invalid':
    case 'invalid-input':
      return 2;
    case 'missing-file':
    case 'model-missing':
    case 'engine-unavailable':
    case 'storage-failed':
    case 'storage-full':
      return 3;
    default:
      return 4;
  }
}
