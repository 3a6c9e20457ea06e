import type { CentralConfig } from '@latchkey/config';
import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { CENTRAL_CONFIG, LOGGER } from '../runtime/runtime.module.ts';
import { PartitionsRepository } from './partitions.repository.ts';

/** The current month and three more: ingest goes on for a quarter of a year though nobody looks after it. */
const monthsAhead = 3;
const dayMs = 24 * 60 * 60 * 1000;
/** After a round that failed, for instance because somebody reads years of events and holds the lock. */
const retryMs = 10 * 60 * 1000;

/** Makes the log's partitions ahead of time and drops those that retention is done with: at start and once a day. */
@Injectable()
export class PartitionsService implements OnModuleInit, OnModuleDestroy {
  readonly #logger: Logger;
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;

  constructor(
    @Inject(PartitionsRepository) private readonly partitions: PartitionsRepository,
    @Inject(CENTRAL_CONFIG) private readonly config: CentralConfig,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#logger = logger.child({ part: 'partitions' });
  }

  async onModuleInit(): Promise<void> {
    this.#stopped = false;
    await this.#round();
  }

  onModuleDestroy(): void {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Makes and drops what is due now. */
  async maintain(): Promise<void> {
    const { eventRetentionDays } = this.config;
    const made = await this.partitions.ensure(monthsAhead);
    const dropped = await this.partitions.drop(eventRetentionDays);
    const deadLetters = await this.partitions.dropDeadLetters(eventRetentionDays);
    if (made.length + dropped.length + deadLetters > 0) {
      this.#logger.info({ made, dropped, deadLetters }, 'partitions of the log');
    }
  }

  async #round(): Promise<void> {
    let nextMs = dayMs;
    try {
      await this.maintain();
    } catch (err) {
      this.#logger.error({ err }, 'the partitions of the log could not be looked after; it is tried again');
      nextMs = retryMs;
    }
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.#round(), nextMs);
    this.#timer.unref();
  }
}
