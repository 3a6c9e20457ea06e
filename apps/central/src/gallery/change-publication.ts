import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import { Database } from '../database/database.ts';
import { LOGGER } from '../runtime/runtime.module.ts';
import { GalleryLogRepository, type LoggedChange } from './gallery-log.repository.ts';
import { MessagePublisher } from './message-publisher.ts';

/** How often changes are looked for that could not be published when they were made. */
const retryIntervalMs = 1000;
/** Changes that are read at once. */
const batchSize = 100;

/**
 * Publishes logged changes. The log itself is the outbox: a change that is not marked as published is published again, so a
 * crash or a broker that is away only delays it. Devices ignore what they have already.
 */
@Injectable()
export class ChangePublication implements OnApplicationBootstrap, OnApplicationShutdown {
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> | null = null;
  #again = false;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(GalleryLogRepository) private readonly repository: GalleryLogRepository,
    @Inject(MessagePublisher) private readonly publisher: MessagePublisher,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.#timer ??= setInterval(() => void this.flush(), retryIntervalMs);
    void this.flush();
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    this.#again = false;
    await this.#running;
  }

  /** Publishes what is logged and not published; call it after the commit. Never throws: what fails is tried again. */
  flush(): Promise<void> {
    this.#again = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #run(): Promise<void> {
    try {
      while (this.#again) {
        this.#again = false;
        const changes = await this.repository.unpublished(this.database, batchSize);
        for (const change of changes) await this.#publish(change);
        this.#again ||= changes.length === batchSize;
      }
    } catch (err) {
      this.logger.warn({ err, part: 'gallery' }, 'gallery changes wait to be published');
    }
  }

  /** A change whose payload an erasure has deleted cannot be published: devices meet the gap and ask. */
  async #publish(change: LoggedChange): Promise<void> {
    const { payload } = change;
    if (payload !== null) {
      await this.publisher.publish('groupChanges', { site: payload.siteId, group: payload.groupId }, payload);
    }
    await this.repository.markPublished(this.database, change);
  }
}
