import type { CentralConfig } from '@latchkey/config';
import {
  type AgentIdentity,
  type CreateDeviceRequest,
  type DeviceView,
  type DoorPolicyConfig,
  firstDoorPolicy,
  type PageQuery,
  type UpdateDeviceRequest,
} from '@latchkey/contracts';
import { hashOf, LatchkeyError } from '@latchkey/domain';
import { Inject, Injectable } from '@nestjs/common';
import { BrokerService } from '../broker/broker.service.ts';
import { Database, type Sql } from '../database/database.ts';
import { decodeCursor, type Page, pageOf } from '../http/paging.ts';
import { CENTRAL_CONFIG } from '../runtime/runtime.module.ts';
import { DesiredConfigPublisher } from './desired-config-publisher.ts';
import { DeviceIdentities } from './device-identities.ts';
import { deviceViewOf } from './device-view.ts';
import { deviceCursor } from './devices.dto.ts';
import { DevicesRepository } from './devices.repository.ts';

/** What a new device holds when nobody says otherwise. */
const firstGroupIds: readonly string[] = ['everyone'];

/** Devices: who they are, what they shall hold and how their doors behave. */
@Injectable()
export class DevicesService {
  constructor(
    @Inject(DevicesRepository) private readonly devices: DevicesRepository,
    @Inject(DeviceIdentities) private readonly identities: DeviceIdentities,
    @Inject(DesiredConfigPublisher) private readonly desired: DesiredConfigPublisher,
    @Inject(BrokerService) private readonly broker: BrokerService,
    @Inject(Database) private readonly database: Database,
    @Inject(CENTRAL_CONFIG) private readonly config: CentralConfig,
  ) {}

  /** Devices by id. */
  async list({ limit, cursor }: PageQuery): Promise<Page<DeviceView>> {
    const { id: after } = decodeCursor(deviceCursor, cursor) ?? { id: '' };
    const page = pageOf(await this.devices.list(after, limit + 1), limit, ({ id }) => ({ id }));
    return { ...page, items: page.items.map(deviceViewOf) };
  }

  /** @throws LatchkeyError `not-found`. */
  async get(id: string): Promise<DeviceView> {
    const row = await this.devices.find(id);
    if (!row) throw noSuchDevice(id);
    return deviceViewOf(row);
  }

  /**
   * Makes a device; its password is in this answer and nowhere else.
   * @throws LatchkeyError `conflict` when the id is taken, `not-found` when its site has no such group.
   */
  async create(request: CreateDeviceRequest): Promise<AgentIdentity> {
    const { id, name, siteId = this.config.siteId, groupIds = firstGroupIds } = request;
    const identity = await this.database.transaction(async (sql) => {
      const made = await this.#insert(sql, { id, name, siteId }, groupIds);
      if (!made) throw new LatchkeyError('conflict', `There is a device "${id}" already; choose another id.`);
      return made;
    });
    await this.desired.publish(id);
    return identity;
  }

  /**
   * Makes the device unless it is there, and gives it a new password: what it was connected with is worth nothing any more.
   * @throws LatchkeyError `conflict` when the device belongs to another site, `not-found` without the group `everyone`.
   */
  async provision(request: { siteId: string; deviceId: string; name: string }): Promise<AgentIdentity> {
    const { siteId, deviceId, name } = request;
    const identity = await this.database.transaction(async (sql) => {
      const made = await this.#insert(sql, { id: deviceId, name, siteId }, firstGroupIds);
      if (made) return made;
      const device = await this.devices.lock(sql, deviceId);
      if (device?.siteId !== siteId) {
        throw new LatchkeyError('conflict', `Device "${deviceId}" belongs to another site; choose another id.`);
      }
      const { password, hash } = this.identities.newPassword();
      await this.devices.setPassword(sql, deviceId, hash);
      return this.identities.identity(siteId, deviceId, password);
    });
    await this.broker.disconnectDevice(siteId, deviceId);
    await this.desired.publish(deviceId);
    return identity;
  }

  /**
   * Changes what is given; a change of groups or door is a new configuration of the device.
   * @throws LatchkeyError `not-found` for the device or a group of its site; `invalid-input` for a door that nobody could open.
   */
  async update(id: string, change: UpdateDeviceRequest): Promise<DeviceView> {
    const { siteId, reconfigured, left } = await this.database.transaction(async (sql) => {
      const device = await this.devices.lock(sql, id);
      if (!device) throw noSuchDevice(id);
      const groupIds = [...new Set(change.groupIds ?? device.groupIds)].sort();
      const door = { ...device.door, ...change.door, rules: { ...device.door.rules, ...change.door?.rules } };
      assertMeetable(door);
      const regrouped = hashOf(groupIds) !== hashOf([...device.groupIds].sort());
      if (regrouped) await this.#setGroups(sql, id, device.siteId, groupIds);
      const reconfigured = regrouped || hashOf(door) !== hashOf(device.door);
      await this.devices.update(sql, id, change.name ?? device.name, door, reconfigured);
      return { siteId: device.siteId, reconfigured, left: device.groupIds.some((group) => !groupIds.includes(group)) };
    });
    if (reconfigured) await this.desired.publish(id);
    // It is subscribed to the group that it left; when it connects anew, that is refused.
    if (left) await this.broker.disconnectDevice(siteId, id);
    return this.get(id);
  }

  /**
   * Deletes a device and cuts its connection; what the log tells of it stays.
   * @throws LatchkeyError `not-found`.
   */
  async remove(id: string): Promise<void> {
    const siteId = await this.devices.delete(id);
    if (siteId === null) throw noSuchDevice(id);
    await this.broker.disconnectDevice(siteId, id);
    await this.desired.clear(siteId, id);
  }

  async #insert(
    sql: Sql,
    device: { id: string; name: string; siteId: string },
    groupIds: readonly string[],
  ): Promise<AgentIdentity | null> {
    const { password, hash } = this.identities.newPassword();
    const door = { ...firstDoorPolicy, rules: { ...firstDoorPolicy.rules, timeZone: this.config.timeZone } };
    if (!(await this.devices.insert(sql, { ...device, passwordHash: hash, door }))) return null;
    await this.#setGroups(sql, device.id, device.siteId, groupIds);
    return this.identities.identity(device.siteId, device.id, password);
  }

  async #setGroups(sql: Sql, id: string, siteId: string, groupIds: readonly string[]): Promise<void> {
    const known = await this.devices.groupsOfSite(sql, siteId, groupIds);
    const missing = groupIds.filter((group) => !known.includes(group));
    if (missing.length > 0) {
      throw new LatchkeyError('not-found', `Site "${siteId}" has no group "${missing.join('", "')}"; make it first.`);
    }
    await this.devices.setGroups(sql, id, groupIds);
  }
}

/** A device would refuse it, and keep the policy that it has. */
function assertMeetable({ votesNeeded, votesWindow }: DoorPolicyConfig): void {
  if (votesNeeded <= votesWindow) return;
  throw new LatchkeyError(
    'invalid-input',
    `${votesNeeded} frames cannot agree where ${votesWindow} are looked at; raise votesWindow or lower votesNeeded.`,
  );
}

function noSuchDevice(id: string): LatchkeyError {
  return new LatchkeyError('not-found', `There is no device "${id}".`);
}
