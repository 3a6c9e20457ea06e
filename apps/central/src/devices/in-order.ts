import { setTimeout as delay } from 'node:timers/promises';
import { isLatchkeyError, LatchkeyError } from '@latchkey/domain';

/** First and longest wait before work is tried again while the database is away. */
const firstWaitMs = 100;
const longestWaitMs = 5000;

/**
 * Does the work of one key in the order in which it came, that of different keys at the same time. Messages are handled side by
 * side, and of two words of one device the later one must win, also when the database was away for the earlier one.
 */
export class InOrder {
  readonly #tails = new Map<string, Promise<void>>();
  readonly #stopping = new AbortController();

  /** Keys whose work is not done. */
  get busy(): number {
    return this.#tails.size;
  }

  /**
   * Resolves when the work is done, which is tried until the database answers.
   * @throws what the work throws but for `database-unavailable`; that, too, once stopped.
   */
  run(key: string, work: () => Promise<void>): Promise<void> {
    const done = (this.#tails.get(key) ?? Promise.resolve()).then(() => this.#untilDone(work));
    const tail = done
      .catch(() => undefined)
      .then(() => {
        if (this.#tails.get(key) === tail) this.#tails.delete(key);
      });
    this.#tails.set(key, tail);
    return done;
  }

  /** Tries nothing again from now on, and resolves when what runs is done. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#tails.values());
  }

  async #untilDone(work: () => Promise<void>): Promise<void> {
    const { signal } = this.#stopping;
    for (let waitMs = firstWaitMs; ; waitMs = Math.min(2 * waitMs, longestWaitMs)) {
      if (signal.aborted)
        throw new LatchkeyError('database-unavailable', 'Central stops; the device will say it again.');
      try {
        return await work();
      } catch (error) {
        if (!isLatchkeyError(error, 'database-unavailable')) throw error;
        await delay(waitMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }
}
