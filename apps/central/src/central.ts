import { setTimeout as delay } from 'node:timers/promises';
import type { CentralConfig } from '@latchkey/config';
import { type Clock, isLatchkeyError } from '@latchkey/domain';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Logger } from 'pino';
import { appModule } from './app.module.ts';
import { runMigrations } from './database/migrate.ts';
import { HealthService } from './health/health.service.ts';
import { configureHttp, finishHttp } from './http/configure-http.ts';
import { listeningUrl } from './http/listening-url.ts';
import { LinkService } from './link/link.service.ts';
import { NestLogger } from './runtime/nest-logger.ts';
import { systemClock } from './runtime/system-clock.ts';

/** What a central needs from whoever starts it. */
export interface CentralOptions {
  readonly config: CentralConfig;
  readonly logger: Logger;
  /** Default: the machine's clocks. */
  readonly clock?: Clock;
  /** Told in a line what takes long at a start. */
  readonly onProgress?: (line: string) => void;
  /** How long a start waits for a database that does not answer yet. Default 30 s. */
  readonly databaseWaitMs?: number;
}

const databaseRetryMs = 500;
const healthPollMs = 50;

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

  /** Address of dashboard and API. Throws before `start()`. */
  get httpUrl(): string {
    return listeningUrl(this.app, this.#options.config.httpHost);
  }

  /**
   * Migrates the database and starts everything; undoes what it started when it fails.
   * @throws LatchkeyError `database-unavailable`; Node's error when the HTTP port is taken.
   */
  async start(): Promise<void> {
    if (this.#app) return;
    const { config, logger, clock = systemClock, onProgress = () => undefined } = this.#options;
    await this.#migrate();
    const app = await NestFactory.create<NestExpressApplication>(appModule({ config, logger, clock, onProgress }), {
      logger: new NestLogger(logger),
      forceCloseConnections: true,
      abortOnError: false,
    });
    try {
      configureHttp(app, config, logger);
      await app.init();
      finishHttp(app, logger);
      app.connectMicroservice({ strategy: app.get(LinkService).strategy });
      await app.startAllMicroservices();
      await app.listen(config.httpPort, config.httpHost);
      this.#app = app;
    } catch (error) {
      await app.close();
      throw error;
    }
  }

  /**
   * Waits until database, broker and ingest all work, so that whoever is told "ready" finds it so.
   * @returns false when they do not after `timeoutMs`; central runs on and heals when they do.
   */
  async healthy(timeoutMs: number): Promise<boolean> {
    const clock = this.#options.clock ?? systemClock;
    const giveUpAtMs = clock.monotonicMs() + timeoutMs;
    while (this.#app) {
      if ((await this.#app.get(HealthService).check()).status === 'up') return true;
      if (clock.monotonicMs() >= giveUpAtMs) return false;
      await delay(healthPollMs);
    }
    return false;
  }

  /** Stops everything that `start` started. */
  async stop(): Promise<void> {
    const app = this.#app;
    this.#app = null;
    await app?.close();
  }

  /** Migrates as soon as the database answers: it may be starting at the same time. */
  async #migrate(): Promise<void> {
    const { config, logger, clock = systemClock, databaseWaitMs = 30_000 } = this.#options;
    const giveUpAtMs = clock.monotonicMs() + databaseWaitMs;
    for (;;) {
      try {
        const ran = await runMigrations(config.databaseUrl);
        if (ran.length > 0) logger.info({ migrations: ran }, 'migrated the database');
        return;
      } catch (error) {
        if (!isLatchkeyError(error, 'database-unavailable') || clock.monotonicMs() >= giveUpAtMs) throw error;
        logger.warn({ err: error }, 'the database does not answer yet');
      }
      await delay(databaseRetryMs);
    }
  }
}
