import { isLatchkeyError, LatchkeyError } from '@latchkey/domain';

/**
 * Does what reads a model's files and lets every failure say whose files they are.
 * @param source what error messages call the model: its files, or its name where it has none.
 * @throws LatchkeyError `model-corrupt` for whatever goes wrong; of other errors only `model-missing` stays what it is.
 */
export function namingSource<Result>(source: string, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    const named = cause instanceof Error && cause.message.includes(source);
    if (isLatchkeyError(cause, 'model-missing') || (named && isLatchkeyError(cause, 'model-corrupt'))) throw cause;
    const what = cause instanceof Error ? cause.message : String(cause);
    const details = isLatchkeyError(cause) ? cause.details : {};
    throw new LatchkeyError('model-corrupt', `${source} cannot be used: ${what}`, { cause, details });
  }
}
