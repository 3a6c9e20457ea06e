import type { EventBody, EventKind } from '@latchkey/contracts';
import { type EpochMs, isLatchkeyError } from '@latchkey/domain';
import type { ClockState, Outbox } from '@latchkey/link';
import type { Logger } from 'pino';

/** What is known of the device's clock when an event is written. */
export interface ClockStamp extends ClockState {
  readonly occurredAt: EpochMs;
}

/** Where events go to stay: on disk when `append` returns. */
export type EventStore = Pick<Outbox, 'append'>;

/** An event that is on disk. */
export type RecordedEvent = { [K in EventKind]: { readonly kind: K; readonly body: EventBody<K> } }[EventKind];

/** Writes the device's events, each stamped with what is known of its clock. */
export class EventRecorder {
  private readonly store: EventStore;
  private readonly stamp: () => ClockStamp;
  private readonly logger: Logger;
  /** Message of the first failure since the last event that could be written. */
  private failure: string | null = null;
  private readonly listeners = new Set<(event: RecordedEvent) => void>();

  constructor(store: EventStore, stamp: () => ClockStamp, logger: Logger) {
    this.store = store;
    this.stamp = stamp;
    this.logger = logger;
  }

  /** Tells of every event once it is on disk; the listener must not throw. @returns what ends that. */
  onRecorded(listener: (event: RecordedEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * Writes one event; it is on disk when this returns. The first one after a failure is preceded by a `health` event
   * that tells of it.
   * @param thumbnail JPEG of at most 12 KB.
   * @throws LatchkeyError `storage-full`, `storage-failed`, `storage-corrupt`.
   */
  record<K extends EventKind>(kind: K, body: EventBody<K>, thumbnail: Uint8Array | null = null): void {
    try {
      if (this.failure !== null) {
        const message = `Events could not be written: ${this.failure}`.slice(0, 1000);
        this.append('health', { state: 'storage-failed', message }, null);
        this.failure = null;
      }
      this.append(kind, body, thumbnail);
    } catch (error) {
      this.failure ??= error instanceof Error ? error.message : String(error);
      throw error;
    }
  }

  /** As {@link record}, for events that nothing waits for: a failure is logged. */
  note<K extends EventKind>(kind: K, body: EventBody<K>): void {
    try {
      this.record(kind, body);
    } catch (error) {
      const code = isLatchkeyError(error) ? error.code : 'internal';
      this.logger.error({ kind, code, error }, 'an event could not be written');
    }
  }

  private append(kind: EventKind, body: EventBody, thumbnail: Uint8Array | null): void {
    const picture = thumbnail && Buffer.from(thumbnail).toString('base64');
    this.store.append({ ...this.stamp(), kind, body, thumbnail: picture });
    // The kind names its body's type; the compiler cannot pair the two here.
    for (const listener of this.listeners) listener({ kind, body } as RecordedEvent);
  }
}
