import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../database/database.ts';

/** What the broker must know of devices: their passwords' hashes and their groups. */
@Injectable()
export class AccessRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Hash of a device's password; null when there is no such device at that site. */
  async passwordHash(siteId: string, deviceId: string): Promise<string | null> {
    const [row] = await this.database.rows<{ password_hash: string }>(
      'SELECT password_hash FROM device WHERE id = $1 AND site_id = $2',
      [deviceId, siteId],
    );
    return row?.password_hash ?? null;
  }

  /** Whether a device is a member of a group of its own site. */
  async isMember(siteId: string, deviceId: string, groupId: string): Promise<boolean> {
    const rows = await this.database.rows(
      `SELECT FROM device_group m JOIN gallery_group g ON g.id = m.group_id JOIN device d ON d.id = m.device_id
       WHERE m.device_id = $1 AND m.group_id = $2 AND g.site_id = $3 AND d.site_id = $3`,
      [deviceId, groupId, siteId],
    );
    return rows.length > 0;
  }
}
