import { LatchkeyError } from '@latchkey/domain';

/** Bounds of a {@link BatchQueue}. */
export interface BatchQueueOptions<T> {
  /** Items of one batch at most. */
  readonly maxBatch: number;
  /** How long the first item of a batch waits for company, in milliseconds. */
  readonly maxWaitMs: number;
  /** What may wait: further items are taken when there is room again. */
  readonly maxQueued: number;
  readonly maxQueuedBytes: number;
  readonly bytesOf: (item: T) => number;
  /**
   * Writes one batch; while it runs the next batch gathers. It deals with its own failures: a rejection ends the queue's
   * patience with that batch only.
   */
  readonly write: (batch: readonly T[]) => Promise<void>;
}

/** Gathers items into batches that are written one after another, and makes those who bring items wait when it is full. */
export class BatchQueue<T> {
  readonly #options: BatchQueueOptions<T>;
  #items: T[] = [];
  #bytes = 0;
  #oldestAtMs = 0;
  #waiting: { readonly item: T; readonly taken: () => void; readonly refused: (reason: LatchkeyError) => void }[] = [];
  #loop: Promise<void> | null = null;
  #wake: (() => void) | null = null;
  #running = false;

  constructor(options: BatchQueueOptions<T>) {
    this.#options = options;
  }

  /** Items that wait, those included that found no room yet. */
  get length(): number {
    return this.#items.length + this.#waiting.length;
  }

  /** Begins to write. May be called twice. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#loop = this.#run();
  }

  /**
   * Takes nothing more, writes what is there, and resolves when that is done. Those who wait for room are refused.
   */
  async stop(): Promise<void> {
    this.#running = false;
    for (const { refused } of this.#waiting.splice(0)) refused(stopped());
    this.#wake?.();
    await this.#loop;
    this.#loop = null;
  }

  /**
   * Resolves when the item has a place in the queue: at once, or when there is room.
   * @throws LatchkeyError `database-unavailable` when the queue is stopped.
   */
  add(item: T): Promise<void> {
    if (!this.#running) return Promise.reject(stopped());
    if (this.#waiting.length === 0 && this.#hasRoom) {
      this.#push(item);
      return Promise.resolve();
    }
    return new Promise((taken, refused) => {
      this.#waiting.push({ item, taken, refused });
    });
  }

  get #hasRoom(): boolean {
    return this.#items.length < this.#options.maxQueued && this.#bytes < this.#options.maxQueuedBytes;
  }

  #push(item: T): void {
    if (this.#items.length === 0) this.#oldestAtMs = performance.now();
    this.#items.push(item);
    this.#bytes += this.#options.bytesOf(item);
    if (this.#items.length === 1 || this.#items.length >= this.#options.maxBatch) this.#wake?.();
  }

  async #run(): Promise<void> {
    while (this.#running || this.#items.length > 0) {
      if (this.#items.length === 0) {
        await this.#sleep(null);
        continue;
      }
      const restMs = this.#oldestAtMs + this.#options.maxWaitMs - performance.now();
      if (this.#running && this.#items.length < this.#options.maxBatch && restMs > 0) await this.#sleep(restMs);
      await this.#options.write(this.#take()).catch(() => undefined);
    }
  }

  #take(): T[] {
    const batch = this.#items.splice(0, this.#options.maxBatch);
    for (const item of batch) this.#bytes -= this.#options.bytesOf(item);
    while (this.#waiting.length > 0 && this.#hasRoom) {
      const next = this.#waiting.shift();
      if (!next) break;
      this.#push(next.item);
      next.taken();
    }
    return batch;
  }

  /** Until a batch is full, the queue is stopped, or the time is over; null: until something comes. */
  #sleep(ms: number | null): Promise<void> {
    return new Promise((resolve) => {
      const timer = ms === null ? null : setTimeout(() => this.#wake?.(), ms);
      this.#wake = () => {
        this.#wake = null;
        if (timer) clearTimeout(timer);
        resolve();
      };
    });
  }
}

function stopped(): LatchkeyError {
  return new LatchkeyError(
    'database-unavailable',
    'Ingest is stopped; the event stays in its device until it runs again.',
  );
}
