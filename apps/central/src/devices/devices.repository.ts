import { randomUUID } from 'node:crypto';
import { type DesiredConfig, type DoorPolicyConfig, doorPolicy, type ScheduleConfig } from '@latchkey/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { Database, type Sql } from '../database/database.ts';
import type { DeviceRow } from './device-view.ts';

/** A device to be made. */
export interface NewDevice {
  readonly id: string;
  readonly siteId: string;
  readonly name: string;
  readonly passwordHash: string;
  readonly door: DoorPolicyConfig;
}

/** What a change of a device needs to know of it. */
export interface LockedDevice {
  readonly id: string;
  readonly siteId: string;
  readonly name: string;
  readonly door: DoorPolicyConfig;
  readonly groupIds: readonly string[];
}

/** The configuration that a device shall run. */
export interface DesiredOfDevice {
  readonly siteId: string;
  readonly deviceId: string;
  readonly config: DesiredConfig;
}

interface DesiredRow {
  readonly id: string;
  readonly site_id: string;
  readonly door: DoorPolicyConfig;
  readonly config_revision: string;
  readonly group_ids: string[];
  readonly schedules: ScheduleConfig[];
}

const groupIdsOf = `ARRAY(SELECT m.group_id FROM device_group m WHERE m.device_id = d.id ORDER BY m.group_id)`;

/** SQL of devices and their groups. */
@Injectable()
export class DevicesRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Devices by id, after `after`. */
  list(after: string, limit: number): Promise<DeviceRow[]> {
    return this.#rows('WHERE d.id > $1 ORDER BY d.id LIMIT $2', [after, limit]);
  }

  /** One device, null when there is none. */
  async find(id: string): Promise<DeviceRow | null> {
    const [device] = await this.#rows('WHERE d.id = $1', [id]);
    return device ?? null;
  }

  /** Adds a device; false when its id is taken. */
  async insert(sql: Sql, device: NewDevice): Promise<boolean> {
    const added = await sql.run(
      `INSERT INTO device (id, site_id, name, password_hash, door) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (id) DO NOTHING`,
      [device.id, device.siteId, device.name, device.passwordHash, JSON.stringify(device.door)],
    );
    return added === 1;
  }

  /** A device, locked until the transaction ends; null when there is none. */
  async lock(sql: Sql, id: string): Promise<LockedDevice | null> {
    const [device] = await sql.rows<LockedDevice>(
      `SELECT d.id, d.site_id AS "siteId", d.name, d.door, ${groupIdsOf} AS "groupIds" FROM device d WHERE d.id = $1 FOR UPDATE`,
      [id],
    );
    return device ? { ...device, door: doorPolicy.parse(device.door) } : null;
  }

  /** Which of these groups a site has. */
  async groupsOfSite(sql: Sql, siteId: string, groupIds: readonly string[]): Promise<string[]> {
    const rows = await sql.rows<{ id: string }>('SELECT id FROM gallery_group WHERE site_id = $1 AND id = ANY($2)', [
      siteId,
      groupIds,
    ]);
    return rows.map(({ id }) => id);
  }

  /** Makes the device a member of exactly these groups; what it reported of others is forgotten. */
  async setGroups(sql: Sql, id: string, groupIds: readonly string[]): Promise<void> {
    await sql.run('DELETE FROM device_group WHERE device_id = $1 AND NOT group_id = ANY($2)', [id, groupIds]);
    await sql.run(
      'INSERT INTO device_group (device_id, group_id) SELECT $1, g FROM unnest($2::text[]) AS g ON CONFLICT DO NOTHING',
      [id, groupIds],
    );
    await sql.run('DELETE FROM gallery_report WHERE device_id = $1 AND NOT group_id = ANY($2)', [id, groupIds]);
  }

  /** Changes name and door of a device; with `newRevision` what it shall run is another configuration now. */
  async update(sql: Sql, id: string, name: string, door: DoorPolicyConfig, newRevision: boolean): Promise<void> {
    await sql.run('UPDATE device SET name = $2, door = $3, config_revision = config_revision + $4 WHERE id = $1', [
      id,
      name,
      JSON.stringify(door),
      newRevision ? 1 : 0,
    ]);
  }

  /** Gives a device another password. */
  async setPassword(sql: Sql, id: string, passwordHash: string): Promise<void> {
    await sql.run('UPDATE device SET password_hash = $2 WHERE id = $1', [id, passwordHash]);
  }

  /**
   * Deletes a device with its memberships and reports; its site, null when there was none. Whom it may still hold stays on record under
   * a name that no device can have: another machine that gets this id later cannot confirm what this one never did.
   */
  async delete(id: string): Promise<string | null> {
    const [row] = await this.database.rows<{ site_id: string }>(
      `WITH gone AS (DELETE FROM device WHERE id = $1 RETURNING site_id),
         lost AS (UPDATE holding SET device_id = device_id || '#' || $2 WHERE device_id = $1 AND ended_at IS NULL)
       SELECT site_id FROM gone`,
      [id, randomUUID()],
    );
    return row?.site_id ?? null;
  }

  /** What one device shall run; null when there is no such device. */
  async desired(id: string): Promise<DesiredOfDevice | null> {
    const [row] = await this.#desired('WHERE d.id = $1', [id]);
    return row ?? null;
  }

  /** What devices shall run, by id, after `after`. */
  desiredAfter(after: string, limit: number): Promise<DesiredOfDevice[]> {
    return this.#desired('WHERE d.id > $1 ORDER BY d.id LIMIT $2', [after, limit]);
  }

  async #desired(rest: string, parameters: readonly unknown[]): Promise<DesiredOfDevice[]> {
    const rows = await this.database.rows<DesiredRow>(
      `SELECT d.id, d.site_id, d.door, d.config_revision, ${groupIdsOf} AS group_ids,
         coalesce((
           SELECT json_agg(json_build_object('id', s.id, 'weekly', s.weekly, 'exceptions', s.exceptions) ORDER BY s.id)
           FROM schedule s
         ), '[]') AS schedules
       FROM device d ${rest}`,
      parameters,
    );
    return rows.map((row) => ({
      siteId: row.site_id,
      deviceId: row.id,
      config: {
        revision: Number(row.config_revision),
        groupIds: row.group_ids,
        // What was stored before a rule existed lacks it.
        door: doorPolicy.parse(row.door),
        schedules: row.schedules,
      },
    }));
  }

  #rows(rest: string, parameters: readonly unknown[]): Promise<DeviceRow[]> {
    return this.database.rows<DeviceRow>(
      `SELECT d.id, d.site_id AS "siteId", d.name, d.door, d.config_revision AS "configRevision",
         d.config_reported AS "configReported",
         coalesce(d.online AND d.last_seen_at > now() - interval '60 s', false) AS online,
         d.last_seen_at AS "lastSeenAt", d.agent_version AS "agentVersion", d.model_id AS "modelId", d.engine, d.telemetry,
         d.created_at AS "createdAt",
         coalesce((
           SELECT json_agg(json_build_object('groupId', g.id, 'wantedEpoch', g.epoch, 'wantedRevision', g.revision,
             'epoch', r.epoch, 'revision', r.revision, 'persons', r.persons, 'encodings', r.encodings, 'state', r.state,
             'reportedAt', r.reported_at) ORDER BY g.id)
           FROM device_group m JOIN gallery_group g ON g.id = m.group_id
           LEFT JOIN gallery_report r ON r.device_id = d.id AND r.group_id = g.id
           WHERE m.device_id = d.id
         ), '[]') AS galleries
       FROM device d ${rest}`,
      parameters,
    );
  }
}
