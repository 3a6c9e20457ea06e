import { Inject, Injectable } from '@nestjs/common';
import { BrokerService } from '../broker/broker.service.ts';
import { Database } from '../database/database.ts';
import { Holdings } from '../gallery/holdings.ts';
import { DeviceIdentities } from './device-identities.ts';
import { DevicesRepository } from './devices.repository.ts';

/** Devices that have said that they forgot everything. */
@Injectable()
export class WipedDevices {
  constructor(
    @Inject(DevicesRepository) private readonly devices: DevicesRepository,
    @Inject(DeviceIdentities) private readonly identities: DeviceIdentities,
    @Inject(Holdings) private readonly holdings: Holdings,
    @Inject(BrokerService) private readonly broker: BrokerService,
    @Inject(Database) private readonly database: Database,
  ) {}

  /**
   * The device holds nobody any more, belongs to no group, and its password opens nothing. Nothing happens when it was deleted
   * meanwhile.
   */
  async confirm(deviceId: string): Promise<void> {
    const siteId = await this.database.transaction(async (sql) => {
      const device = await this.devices.lock(sql, deviceId);
      if (!device) return null;
      await this.devices.setPassword(sql, deviceId, this.identities.newPassword().hash);
      await this.devices.setGroups(sql, deviceId, []);
      await this.holdings.wiped(sql, deviceId);
      return device.siteId;
    });
    if (siteId !== null) await this.broker.disconnectDevice(siteId, deviceId);
  }
}
