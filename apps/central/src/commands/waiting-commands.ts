import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import { DeviceReports } from '../devices/device-reports.ts';
import { LOGGER } from '../runtime/runtime.module.ts';
import { CommandsRepository } from './commands.repository.ts';
import { CommandsService, pictureSeconds } from './commands.service.ts';

const sweepMs = 5 * 60_000;

/** Reaches devices that come back with what waits for them, and forgets pictures whose time is over. */
@Injectable()
export class WaitingCommands implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger: Logger;
  #stopListening: (() => void) | null = null;
  #sweeping: NodeJS.Timeout | null = null;

  constructor(
    @Inject(CommandsService) private readonly service: CommandsService,
    @Inject(CommandsRepository) private readonly commands: CommandsRepository,
    @Inject(DeviceReports) private readonly reports: DeviceReports,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#logger = logger.child({ part: 'commands' });
  }

  onApplicationBootstrap(): void {
    this.#stopListening ??= this.reports.onOnline((device) => this.service.deviceIsBack(device));
    this.#sweeping ??= setInterval(() => void this.#sweep(), sweepMs).unref();
    void this.#sweep();
  }

  onApplicationShutdown(): void {
    this.#stopListening?.();
    this.#stopListening = null;
    if (this.#sweeping) clearInterval(this.#sweeping);
    this.#sweeping = null;
  }

  async #sweep(): Promise<void> {
    try {
      await this.commands.forgetPictures(pictureSeconds);
    } catch (err) {
      this.#logger.warn({ err }, 'pictures of commands could not be deleted; it is tried again');
    }
  }
}
