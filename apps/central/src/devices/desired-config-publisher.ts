import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import { CentralPublisher } from '../link/central-publisher.ts';
import { LinkService } from '../link/link.service.ts';
import { LOGGER } from '../runtime/runtime.module.ts';
import { type DesiredOfDevice, DevicesRepository } from './devices.repository.ts';

/** What a broker keeps of a device that is not there. */
const retainedOfDevices = ['configDesired', 'configReported', 'galleryReported', 'presence'] as const;

/** Devices whose configuration is read, signed and published together. */
const republishChunk = 100;

/**
 * Publishes, retained and signed, what each device shall run. All of it again on every connect of central: a broker may have
 * forgotten, and what matters stands in the database.
 */
@Injectable()
export class DesiredConfigPublisher implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger: Logger;
  #stopListening: (() => void) | null = null;
  #last: Promise<void> = Promise.resolve();

  constructor(
    @Inject(DevicesRepository) private readonly devices: DevicesRepository,
    @Inject(CentralPublisher) private readonly publisher: CentralPublisher,
    @Inject(LinkService) private readonly link: LinkService,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#logger = logger.child({ part: 'devices' });
  }

  onApplicationBootstrap(): void {
    this.#stopListening ??= this.link.session.onConnected(() => this.publishAll());
  }

  onApplicationShutdown(): void {
    this.#stopListening?.();
    this.#stopListening = null;
  }

  /** Publishes a device's configuration; without a connection it is published when there is one. */
  publish(deviceId: string): Promise<void> {
    return this.#afterTheLast(async () => {
      const desired = await this.devices.desired(deviceId);
      if (desired) await this.#send(desired);
    });
  }

  /** Publishes every device's configuration. */
  publishAll(): Promise<void> {
    return this.#afterTheLast(async () => {
      let after = '';
      for (;;) {
        const chunk = await this.devices.desiredAfter(after, republishChunk);
        await Promise.all(chunk.map((desired) => this.#send(desired)));
        const last = chunk.at(-1);
        if (!last || chunk.length < republishChunk) return;
        after = last.deviceId;
      }
    });
  }

  /** Makes the broker forget what it retains for and of a device that is no more: another one may get its id. */
  async clear(siteId: string, deviceId: string): Promise<void> {
    try {
      for (const name of retainedOfDevices) await this.publisher.clear(name, { site: siteId, device: deviceId });
    } catch (err) {
      this.#logger.warn({ err, deviceId }, 'what a deleted device left is still at the broker');
    }
  }

  /** One at a time: what was read first must not be published last, or the broker would retain an old revision. */
  #afterTheLast(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #send({ siteId, deviceId, config }: DesiredOfDevice): Promise<void> {
    try {
      await this.publisher.publish('configDesired', { site: siteId, device: deviceId }, config);
    } catch (err) {
      this.#logger.warn({ err, deviceId }, 'a configuration was not published; it is at the next connect');
    }
  }
}
