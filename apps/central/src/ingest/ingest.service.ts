import { isLatchkeyError, LatchkeyError } from '@latchkey/domain';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { HealthService } from '../health/health.service.ts';
import { CentralPublisher } from '../link/central-publisher.ts';
import { LOGGER } from '../runtime/runtime.module.ts';
import { acknowledgementsOf } from './acknowledgements.ts';
import { BatchQueue } from './batch-queue.ts';
import { BatchWriter, type WrittenEvent } from './batch-writer.ts';
import { CommitSignal } from './commit-signal.ts';
import type { IncomingEvent } from './incoming-event.ts';
import { IngestRepository } from './ingest.repository.ts';

/** 500 rows or 5 ms: DESIGN.md §6. */
const maxBatch = 500;
const maxWaitMs = 5;
/** Ten batches; with pictures the bytes bind first. */
const maxQueued = 5000;
const maxQueuedBytes = 32 * 1024 * 1024;
/** A commit that fails for longer makes central unhealthy; one dropped connection does not. */
const toleratedFailureMs = 3000;
/** How long a stop waits for the batch that is being written. */
const stopTimeoutMs = 5000;

/** What ingest did since the start of the process. */
export interface IngestFigures {
  readonly logged: number;
  readonly duplicates: number;
  readonly rejected: number;
  readonly unknownDevice: number;
  readonly failures: number;
  readonly queued: number;
}

/**
 * The way of events into the log: gathers them into batches, commits each batch, and only then acknowledges exactly what is
 * committed. Nothing that matters is kept here: what dies with the process is sent again by its device.
 */
@Injectable()
export class IngestService implements OnModuleInit, BeforeApplicationShutdown {
  readonly #queue: BatchQueue<IncomingEvent>;
  readonly #writer: BatchWriter;
  readonly #logger: Logger;
  readonly #figures = { logged: 0, duplicates: 0, rejected: 0, unknownDevice: 0, failures: 0 };
  #abort = new AbortController();
  #running = false;

  constructor(
    @Inject(IngestRepository) repository: IngestRepository,
    @Inject(CentralPublisher) private readonly publisher: CentralPublisher,
    @Inject(CommitSignal) private readonly signal: CommitSignal,
    @Inject(HealthService) private readonly health: HealthService,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#logger = logger.child({ part: 'ingest' });
    this.#writer = new BatchWriter(repository, (error) => this.#failed(error));
    this.#queue = new BatchQueue<IncomingEvent>({
      maxBatch,
      maxWaitMs,
      maxQueued,
      maxQueuedBytes,
      bytesOf: ({ raw }) => raw.byteLength,
      write: (batch) => this.#write(batch),
    });
  }

  onModuleInit(): void {
    this.#abort = new AbortController();
    this.#running = true;
    this.#queue.start();
    this.health.register('ingest', () => this.healthy);
  }

  /** What is here is still committed and acknowledged, while the session and the database are there; nothing more is taken. */
  async beforeApplicationShutdown(): Promise<void> {
    this.#running = false;
    const timer = setTimeout(() => this.#abort.abort(stopping()), stopTimeoutMs);
    await this.#queue.stop();
    clearTimeout(timer);
  }

  /** Whether events come into the log now. */
  get healthy(): boolean {
    return this.#running && this.#writer.failingForMs < toleratedFailureMs;
  }

  /** Counters for tests and metrics. */
  get figures(): IngestFigures {
    return { ...this.#figures, queued: this.#queue.length };
  }

  /**
   * Resolves when the event has a place in the queue, which says nothing about its commit: that is what the acknowledgement
   * is for. Waits while the queue is full, which holds back the broker.
   * @throws LatchkeyError `database-unavailable` while central stops.
   */
  async accept(event: IncomingEvent): Promise<void> {
    await this.#queue.add(event);
  }

  async #write(batch: readonly IncomingEvent[]): Promise<void> {
    const written = await this.#writer.write(batch, this.#abort.signal);
    this.#count(written);
    this.signal.notify();
    for (const { siteId, deviceId, ack } of acknowledgementsOf(written)) {
      // Not waited for: an acknowledgement that is lost is asked for again by a device that resends.
      this.publisher.publish('ack', { site: siteId, device: deviceId }, ack).catch((err: unknown) => {
        this.#logger.debug({ err, deviceId }, 'an acknowledgement was not sent');
      });
    }
  }

  #count(written: readonly WrittenEvent[]): void {
    for (const { event, outcome } of written) {
      if (outcome === null) this.#logger.error({ deviceId: event.deviceId }, 'an event cannot be stored in any way');
      else if (outcome.type === 'unknown-device') this.#figures.unknownDevice++;
      else if (outcome.type === 'rejected') {
        this.#figures.rejected++;
        const { deviceId, envelope, rejection } = event;
        this.#logger.warn(
          { deviceId, streamId: envelope.streamId, seq: envelope.seq, code: outcome.code, why: rejection?.message },
          'rejected an event',
        );
      } else if (outcome.isNew) this.#figures.logged++;
      else this.#figures.duplicates++;
    }
  }

  #failed(err: unknown): void {
    this.#figures.failures++;
    const level = isLatchkeyError(err, 'database-unavailable') ? 'warn' : 'error';
    this.#logger[level]({ err, queued: this.#queue.length }, 'a batch of events was not written; it is tried again');
  }
}

function stopping(): LatchkeyError {
  return new LatchkeyError('database-unavailable', 'Central stops; the events stay in their devices.');
}
