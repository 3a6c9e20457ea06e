import { Injectable } from '@nestjs/common';
import type { Sql } from '../database/database.ts';

/** SQL of holdings. */
@Injectable()
export class HoldingRepository {
  /** Whether a device is one of a site's: reports on another site's topic count for nothing. */
  async isDeviceOf(sql: Sql, deviceId: string, siteId: string): Promise<boolean> {
    return (await sql.rows('SELECT 1 FROM device WHERE id = $1 AND site_id = $2', [deviceId, siteId])).length > 0;
  }

  /** Every device of a group may hold these people from now on. */
  async beginForDevices(sql: Sql, groupId: string, personIds: readonly string[]): Promise<void> {
    if (personIds.length === 0) return;
    await sql.run(
      `INSERT INTO holding (device_id, person_id, group_id)
       SELECT device_id, person_id, $1 FROM device_group CROSS JOIN unnest($2::uuid[]) AS person_id
       WHERE device_group.group_id = $1
       ON CONFLICT (device_id, person_id, group_id)
       DO UPDATE SET removed_epoch = NULL, removed_revision = NULL, ended_at = NULL`,
      [groupId, personIds],
    );
  }

  /**
   * One device may hold these people from now on. Those who are no longer in the group are on their way out: they are gone
   * when the device reaches the head that is named.
   */
  async beginForDevice(
    sql: Sql,
    deviceId: string,
    groupId: string,
    personIds: readonly string[],
    head: { readonly epoch: number; readonly revision: number },
  ): Promise<void> {
    if (personIds.length === 0) return;
    await sql.run(
      `INSERT INTO holding AS held (device_id, person_id, group_id, removed_epoch, removed_revision)
       SELECT $1, carried.id, $2,
              CASE WHEN member.person_id IS NULL THEN $4::int END, CASE WHEN member.person_id IS NULL THEN $5::int END
       FROM unnest($3::uuid[]) AS carried (id)
       LEFT JOIN person_group AS member ON member.person_id = carried.id AND member.group_id = $2
       ON CONFLICT (device_id, person_id, group_id) DO UPDATE
       SET removed_epoch = excluded.removed_epoch, removed_revision = excluded.removed_revision, ended_at = NULL
       WHERE held.ended_at IS NOT NULL OR held.removed_revision IS DISTINCT FROM excluded.removed_revision`,
      [deviceId, groupId, personIds, head.epoch, head.revision],
    );
  }

  /** The group's log says at this revision that these people are gone. */
  async noteRemoved(
    sql: Sql,
    groupId: string,
    personIds: readonly string[],
    epoch: number,
    revision: number,
  ): Promise<void> {
    if (personIds.length === 0) return;
    await sql.run(
      `UPDATE holding SET removed_epoch = $3, removed_revision = $4
       WHERE group_id = $1 AND person_id = ANY($2::uuid[]) AND ended_at IS NULL`,
      [groupId, personIds, epoch, revision],
    );
  }

  /** A device holds a group at this revision: whoever was removed up to it is gone from there. */
  async endUpTo(sql: Sql, deviceId: string, groupId: string, epoch: number, revision: number): Promise<void> {
    await sql.run(
      `UPDATE holding SET ended_at = now()
       WHERE device_id = $1 AND group_id = $2 AND ended_at IS NULL AND (removed_epoch, removed_revision) <= ($3, $4)`,
      [deviceId, groupId, epoch, revision],
    );
  }

  /** A device holds no gallery but these groups' ones: all that it held of groups that it left is gone. */
  async endOtherGroups(sql: Sql, deviceId: string, groupIds: readonly string[]): Promise<void> {
    await sql.run(
      `UPDATE holding SET ended_at = now()
       WHERE device_id = $1 AND ended_at IS NULL AND NOT group_id = ANY($2::text[]) AND NOT EXISTS (
         SELECT FROM device_group WHERE device_group.device_id = $1 AND device_group.group_id = holding.group_id)`,
      [deviceId, groupIds],
    );
  }

  /** A device holds nobody any more. */
  async endAll(sql: Sql, deviceId: string): Promise<void> {
    await sql.run('UPDATE holding SET ended_at = now() WHERE device_id = $1 AND ended_at IS NULL', [deviceId]);
  }

  /** Closes the erasures that no device's holding stands in the way of any more. */
  async completeErasures(sql: Sql): Promise<void> {
    await sql.run(
      `UPDATE erasure_ledger SET completed_at = now()
       WHERE completed_at IS NULL AND NOT EXISTS (
         SELECT FROM holding WHERE holding.person_id = erasure_ledger.person_id AND holding.ended_at IS NULL)`,
    );
  }
}
