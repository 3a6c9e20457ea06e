import type { CentralConfig } from '@latchkey/config';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../database/data-source.ts';
import { Database } from '../database/database.ts';
import { CENTRAL_CONFIG, LOGGER } from '../runtime/runtime.module.ts';

/** One that writes, one for what cannot be read as an event. */
const poolSize = 2;
/** A batch takes milliseconds; a server that is gone without a word must not hold it up for long. */
const queryTimeoutMs = 20_000;

/** Connections of ingest's own: whatever people ask of the API, the log goes on. */
@Injectable()
export class IngestDatabase implements OnModuleInit, OnApplicationShutdown {
  readonly database: Database;
  readonly #dataSource: DataSource;

  constructor(@Inject(CENTRAL_CONFIG) config: CentralConfig, @Inject(LOGGER) logger: Logger) {
    this.#dataSource = new DataSource(
      dataSourceOptions({
        databaseUrl: config.databaseUrl,
        poolSize,
        queryTimeoutMs,
        onPoolError: (err) => logger.warn({ err, part: 'ingest' }, 'an idle database connection was lost'),
      }),
    );
    this.database = new Database(this.#dataSource);
  }

  async onModuleInit(): Promise<void> {
    if (!this.#dataSource.isInitialized) await this.#dataSource.initialize();
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.#dataSource.isInitialized) await this.#dataSource.destroy();
  }
}
