import { setTimeout as delay } from 'node:timers/promises';
import type { IncomingEvent } from './incoming-event.ts';
import type { CommittedBatch, Outcome } from './ingest.repository.ts';
import { judgeFailure } from './write-failure.ts';

/** What the writer needs of the database. */
export interface EventStore {
  /** Writes a batch in one transaction; outcomes in order. Idempotent. */
  write(batch: readonly IncomingEvent[]): Promise<CommittedBatch>;
  /** Makes missing partitions. */
  ensurePartitions(): Promise<void>;
}

/** An event with what became of it; null: it cannot even be stored as a dead letter. */
export interface WrittenEvent {
  readonly event: IncomingEvent;
  readonly outcome: Outcome | null;
  /** Epoch of the database that has it; 0 when none has. */
  readonly databaseEpoch: number;
}

/** First and longest wait before a failed batch is written again. */
const firstWaitMs = 20;
const longestWaitMs = 2000;

/** Writes batches until they are committed: the same batch again after a lost connection, in halves around a value that cannot be stored. */
export class BatchWriter {
  readonly #store: EventStore;
  readonly #onFailure: (error: unknown) => void;
  #failingSinceMs: number | null = null;

  constructor(store: EventStore, onFailure: (error: unknown) => void) {
    this.#store = store;
    this.#onFailure = onFailure;
  }

  /** Milliseconds since when nothing could be written, 0 while it works. */
  get failingForMs(): number {
    return this.#failingSinceMs === null ? 0 : performance.now() - this.#failingSinceMs;
  }

  /**
   * Resolves when every event of the batch is settled.
   * @throws the signal's reason when it is aborted between two attempts: nothing of what is left was committed, as far as known.
   */
  async write(batch: readonly IncomingEvent[], signal: AbortSignal): Promise<WrittenEvent[]> {
    for (let attempt = 0; ; attempt++) {
      try {
        const { outcomes, databaseEpoch } = await this.#store.write(batch);
        this.#failingSinceMs = null;
        return batch.map((event, i) => ({ event, outcome: outcomes[i] ?? null, databaseEpoch }));
      } catch (error) {
        const failure = judgeFailure(error);
        if (failure === 'split') return await this.#split(batch, error, signal);
        this.#failingSinceMs ??= performance.now();
        this.#onFailure(error);
        if (failure === 'partition') await this.#store.ensurePartitions().catch(this.#onFailure);
        await this.#pause(attempt, signal);
      }
    }
  }

  async #split(batch: readonly IncomingEvent[], error: unknown, signal: AbortSignal): Promise<WrittenEvent[]> {
    const [only] = batch;
    if (only && batch.length === 1) {
      this.#onFailure(error);
      if (only.rejection) return [{ event: only, outcome: null, databaseEpoch: 0 }];
      return await this.write([unstorable(only)], signal);
    }
    const middle = Math.ceil(batch.length / 2);
    return [...(await this.write(batch.slice(0, middle), signal)), ...(await this.write(batch.slice(middle), signal))];
  }

  /** Doubling with jitter, so that instances that met in a deadlock do not meet again. */
  async #pause(attempt: number, signal: AbortSignal): Promise<void> {
    const wholeMs = Math.min(longestWaitMs, firstWaitMs * 2 ** attempt);
    await delay(wholeMs / 2 + (Math.random() * wholeMs) / 2, undefined, { signal });
  }
}

function unstorable(event: IncomingEvent): IncomingEvent {
  return {
    ...event,
    personId: null,
    decision: null,
    body: null,
    thumbnail: null,
    dropped: [],
    rejection: { code: 'invalid-payload', message: 'A value of the event cannot be stored.' },
  };
}
