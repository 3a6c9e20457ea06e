import type { CentralConfig } from '@latchkey/config';
import type { Clock } from '@latchkey/domain';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Logger } from 'pino';
import { appModule } from './app.module.ts';
import { runMigrations } from './database/migrate.ts';
import { configureHttp } from './http/configure-http.ts';
import { LinkService } from './link/link.service.ts';
import { NestLogger } from './runtime/nest-logger.ts';
import { systemClock } from './runtime/system-clock.ts';

/** What a central needs from whoever starts it. */
export interface CentralOptions {
  readonly config: CentralConfig;
  readonly logger: Logger;
  /** Default: the machine's clocks. */
  readonly clock?: Clock;
}

/** One central in this process: HTTP and MQTT. */
export class Central {
  readonly #options: CentralOptions;
  #app: NestExpressApplication | null = null;

  constructor(options: CentralOptions) {
    this.#options = options;
  }

  /** The Nest application, for those who need a provider of it. Throws before `start()`. */
  get app(): NestExpressApplication {
    if (!this.#app) throw new Error('Central is not started.');
    return this.#app;
  }

  /** Migrates the database and starts everything; undoes what it started when it fails. */
  async start(): Promise<void> {
    if (this.#app) return;
    const { config, logger, clock = systemClock } = this.#options;
    const ran = await runMigrations(config.databaseUrl);
    if (ran.length > 0) logger.info({ migrations: ran }, 'migrated the database');
    const app = await NestFactory.create<NestExpressApplication>(appModule(config, logger, clock), {
      logger: new NestLogger(logger),
      forceCloseConnections: true,
      abortOnError: false,
    });
    try {
      configureHttp(app, config, logger);
      await app.init();
      app.connectMicroservice({ strategy: app.get(LinkService).strategy });
      await app.startAllMicroservices();
      await app.listen(config.httpPort, config.httpHost);
      this.#app = app;
    } catch (error) {
      await app.close();
      throw error;
    }
  }

  /** Stops everything that `start` started. */
  async stop(): Promise<void> {
    const app = this.#app;
    this.#app = null;
    await app?.close();
  }
}
