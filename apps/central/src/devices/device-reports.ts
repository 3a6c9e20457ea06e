import type { GalleryReported, Presence, ReportedConfig, Telemetry } from '@latchkey/contracts';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { Holdings } from '../gallery/holdings.ts';
import { LOGGER } from '../runtime/runtime.module.ts';
import { DesiredConfigPublisher } from './desired-config-publisher.ts';
import { type DeviceKey, DeviceStateRepository } from './device-state.repository.ts';
import { InOrder } from './in-order.ts';

/** What devices say of themselves, each in the order in which it said so. */
@Injectable()
export class DeviceReports implements OnModuleInit, BeforeApplicationShutdown {
  readonly #logger: Logger;
  readonly #order = new InOrder();
  readonly #onOnline = new Set<(device: DeviceKey) => Promise<void>>();

  constructor(
    @Inject(DeviceStateRepository) private readonly state: DeviceStateRepository,
    @Inject(DesiredConfigPublisher) private readonly desired: DesiredConfigPublisher,
    @Inject(Holdings) private readonly holdings: Holdings,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#logger = logger.child({ part: 'devices' });
  }

  async onModuleInit(): Promise<void> {
    await this.state.forgetPresence();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#order.stop();
  }

  /** Calls `listener` whenever a device says that it is there. Returns its removal. */
  onOnline(listener: (device: DeviceKey) => Promise<void>): () => void {
    this.#onOnline.add(listener);
    return () => this.#onOnline.delete(listener);
  }

  /** Birth or Will of a session. */
  presence(device: DeviceKey, presence: Presence): Promise<void> {
    return this.#inOrder('presence', device, async () => {
      if (presence.state !== 'online') return this.state.end(device, presence);
      await this.state.begin(device, presence);
      for (const listener of this.#onOnline) await listener(device);
    });
  }

  /** A sign of life. In one order with births and Wills: an earlier one must not make a device that has gone look alive. */
  telemetry(device: DeviceKey, telemetry: Telemetry): Promise<void> {
    return this.#inOrder('presence', device, () => this.state.telemetry(device, telemetry));
  }

  /** What the device holds, and so who is gone from it. */
  galleries(device: DeviceKey, reported: GalleryReported): Promise<void> {
    return this.#inOrder('galleries', device, async () => {
      await this.state.galleries(device, reported);
      await this.holdings.confirm(device, reported);
    });
  }

  /**
   * Which configuration the device runs. One that was refused as older than what it knows is published with a higher revision;
   * the wanted one again, once per report, to a device that is content with a lower one: it has not met ours. One that was
   * refused for what it says is not: the device would refuse it again.
   */
  configuration(device: DeviceKey, reported: ReportedConfig): Promise<void> {
    return this.#inOrder('configuration', device, async () => {
      const { outrun, behind } = await this.state.configuration(device, reported);
      if (!reported.accepted) {
        this.#logger.warn({ ...device, message: reported.message, outrun }, 'a device refused its configuration');
      }
      if (outrun || behind) await this.desired.publish(device.deviceId);
    });
  }

  #inOrder(what: string, { siteId, deviceId }: DeviceKey, work: () => Promise<void>): Promise<void> {
    return this.#order.run(`${what} ${siteId}/${deviceId}`, work);
  }
}
