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
/** First and longest wait before configurations that could not be read are tried again. */
const firstWaitMs = 100;
const longestWaitMs = 5000;

/**
 * Publishes, retained and signed, what each device shall run. All of it again on every connect of central: a broker may have
 * forgotten, and what matters stands in the database. While that does not answer, what is to be published is remembered: the
 * change is committed, and nobody would ask for it again.
 */
@Injectable()
export class DesiredConfigPublisher implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger: Logger;
  #stopListening: (() => void) | null = null;
  /** Devices whose configuration is to be published, and whether that of all others is, too. */
  readonly #owed = new Set<string>();
  #allOwed = false;
  #last: Promise<void> = Promise.resolve();
  #retry: NodeJS.Timeout | null = null;
  #waitMs = firstWaitMs;
  #stopped = false;

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

  async onApplicationShutdown(): Promise<void> {
    this.#stopped = true;
    this.#stopListening?.();
    this.#stopListening = null;
    if (this.#retry) clearTimeout(this.#retry);
    this.#retry = null;
    await this.#last;
  }

  /**
   * Publishes a device's configuration; without a connection it is published when there is one. Never throws: what cannot be
   * read is tried again until it can.
   */
  publish(deviceId: string): Promise<void> {
    this.#owed.add(deviceId);
    return this.#flush();
  }

  /** Publishes every device's configuration. Never throws, as {@link publish}. */
  publishAll(): Promise<void> {
    this.#allOwed = true;
    return this.#flush();
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
  #flush(): Promise<void> {
    this.#last = this.#last.then(() => this.#publishOwed());
    return this.#last;
  }

  async #publishOwed(): Promise<void> {
    try {
      while (!this.#stopped && (this.#owed.size > 0 || this.#allOwed)) await this.#publishOnce();
      this.#waitMs = firstWaitMs;
    } catch (err) {
      this.#logger.warn({ err }, 'configurations wait to be published');
      this.#retryLater();
    }
  }

  /** What is owed stops being so before it is read, so that a change from here on is published again. */
  async #publishOnce(): Promise<void> {
    const all = this.#allOwed;
    const deviceIds = [...this.#owed];
    this.#allOwed = false;
    this.#owed.clear();
    try {
      if (all) await this.#sendAll();
      else for (const deviceId of deviceIds) await this.#sendOne(deviceId);
    } catch (err) {
      this.#allOwed ||= all;
      for (const deviceId of deviceIds) this.#owed.add(deviceId);
      throw err;
    }
  }

  async #sendOne(deviceId: string): Promise<void> {
    const desired = await this.devices.desired(deviceId);
    if (desired) await this.#send(desired);
  }

  async #sendAll(): Promise<void> {
    let after = '';
    for (;;) {
      const chunk = await this.devices.desiredAfter(after, republishChunk);
      await Promise.all(chunk.map((desired) => this.#send(desired)));
      const last = chunk.at(-1);
      if (!last || chunk.length < republishChunk) return;
      after = last.deviceId;
    }
  }

  #retryLater(): void {
    if (this.#stopped) return;
    this.#retry ??= setTimeout(() => {
      this.#retry = null;
      void this.#flush();
    }, this.#waitMs);
    this.#waitMs = Math.min(2 * this.#waitMs, longestWaitMs);
  }

  async #send({ siteId, deviceId, config }: DesiredOfDevice): Promise<void> {
    try {
      await this.publisher.publish('configDesired', { site: siteId, device: deviceId }, config);
    } catch (err) {
      this.#logger.warn({ err, deviceId }, 'a configuration was not published; it is at the next connect');
    }
  }
}
