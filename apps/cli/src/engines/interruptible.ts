import { constants } from 'node:os';
import type { Output } from '../output.ts';

const signals = ['SIGINT', 'SIGTERM'] as const;

/**
 * Work that Ctrl-C cancels: it sees the signal, undoes what it has begun, and the process ends with 128 and the signal's
 * number, as a shell expects.
 * @param cancelled what is said then.
 * @returns null when it was cancelled.
 */
export async function interruptible<Result>(
  output: Output,
  work: (signal: AbortSignal) => Promise<Result>,
  cancelled = 'Cancelled; nothing was changed.',
): Promise<Result | null> {
  const controller = new AbortController();
  const abort = (name: (typeof signals)[number]): void => {
    process.exitCode = 128 + constants.signals[name];
    controller.abort(new Error(`cancelled by ${name}`));
  };
  for (const name of signals) process.on(name, abort);
  try {
    return await work(controller.signal);
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    output.note(cancelled);
    return null;
  } finally {
    for (const name of signals) process.off(name, abort);
  }
}
