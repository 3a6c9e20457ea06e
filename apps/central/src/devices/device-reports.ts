import type { GalleryReported, Presence, ReportedConfig, Telemetry } from '@latchkey/contracts';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { Holdings } from '../gallery/holdings.ts';
import { LOGGER } from '../runtime/runtime.module.ts';
import { DesiredConfigPublisher } from './desired-config-publisher.ts';
import { type DeviceKey, DeviceStateRepository } from './device-state.repository.ts';

/** What devices say of themselves. */
@Injectable()
export class DeviceReports implements OnModuleInit {
  readonly #logger: Logger;

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

  /** Birth or Will of a session. */
  async presence(device: DeviceKey, presence: Presence): Promise<void> {
    if (presence.state === 'online') await this.state.begin(device, presence);
    else await this.state.end(device, presence);
  }

  /** A sign of life. */
  async telemetry(device: DeviceKey, telemetry: Telemetry): Promise<void> {
    await this.state.telemetry(device, telemetry);
  }

  /** What the device holds, and so who is gone from it. */
  async galleries(device: DeviceKey, reported: GalleryReported): Promise<void> {
    await this.state.galleries(device, reported);
    await this.holdings.confirm(device, reported);
  }

  /** Which configuration the device runs. One that was refused as older than what it knows is published with a higher revision. */
  async configuration(device: DeviceKey, reported: ReportedConfig): Promise<void> {
    const { outrun } = await this.state.configuration(device, reported);
    if (!reported.accepted) {
      this.#logger.warn({ ...device, message: reported.message, outrun }, 'a device refused its configuration');
    }
    if (outrun) await this.desired.publish(device.deviceId);
  }
}
