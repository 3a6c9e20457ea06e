import type { GalleryReported, Presence, ReportedConfig, Telemetry } from '@latchkey/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../database/database.ts';

/** A device as the broker authenticated it. */
export interface DeviceKey {
  readonly siteId: string;
  readonly deviceId: string;
}

/** SQL of what devices say of themselves. Words of devices that do not exist change nothing. */
@Injectable()
export class DeviceStateRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Nobody is online until a presence says so: what was heard before this process was is not known to be true any more. */
  async forgetPresence(): Promise<void> {
    await this.database.run(
      'UPDATE device SET online = false, session_id = NULL WHERE online OR session_id IS NOT NULL',
    );
  }

  /** A device is there, in a new session: what a broker delivers last is what happened last, whatever the device's clock says. */
  async begin({ siteId, deviceId }: DeviceKey, presence: Presence): Promise<void> {
    await this.database.run(
      `UPDATE device SET online = true, session_id = $3, session_since = $4, agent_version = $5, model_id = $6, engine = $7,
         last_seen_at = now()
       WHERE id = $1 AND site_id = $2`,
      [deviceId, siteId, presence.sessionId, presence.since, presence.agentVersion, presence.modelId, presence.engine],
    );
  }

  /**
   * A session has ended. The Will of any other than the present one, which a broker may send late, changes nothing: which one
   * is older, the clock of a device cannot tell.
   */
  async end({ siteId, deviceId }: DeviceKey, presence: Presence): Promise<void> {
    await this.database.run(
      `UPDATE device SET online = false, session_id = NULL
       WHERE id = $1 AND site_id = $2 AND (session_id IS NULL OR session_id = $3)`,
      [deviceId, siteId, presence.sessionId],
    );
  }

  /** A device lives, and so it is there, whatever its last presence was. */
  async telemetry({ siteId, deviceId }: DeviceKey, telemetry: Telemetry): Promise<void> {
    await this.database.run(
      'UPDATE device SET online = true, telemetry = $3, last_seen_at = now() WHERE id = $1 AND site_id = $2',
      [deviceId, siteId, JSON.stringify(telemetry)],
    );
  }

  /** What a device holds: exactly these groups. */
  async galleries({ siteId, deviceId }: DeviceKey, { reportedAt, groups }: GalleryReported): Promise<void> {
    await this.database.transaction(async (sql) => {
      const known = await sql.rows('SELECT FROM device WHERE id = $1 AND site_id = $2 FOR UPDATE', [deviceId, siteId]);
      if (known.length === 0) return;
      await sql.run('DELETE FROM gallery_report WHERE device_id = $1', [deviceId]);
      await sql.run(
        `INSERT INTO gallery_report (device_id, group_id, epoch, revision, content_hash, persons, encodings, state, reported_at)
         SELECT DISTINCT ON (r."groupId") $1, r."groupId", r.epoch, r.revision, r."contentHash", r.persons, r.encodings, r.state, $3
         FROM json_to_recordset($2) AS r ("groupId" text, epoch int, revision int, "contentHash" text, persons int,
           encodings int, state text)`,
        [deviceId, JSON.stringify(groups), reportedAt],
      );
    });
  }

  /**
   * What configuration a device runs. `outrun`: it refused ours because it knows a higher revision, from before a restore or
   * from when it was registered before; our next one is then above that. `behind`: it runs a lower one and refused none.
   */
  async configuration(device: DeviceKey, reported: ReportedConfig): Promise<{ outrun: boolean; behind: boolean }> {
    const { siteId, deviceId } = device;
    const rows = await this.database.rows<{ outrun: boolean; behind: boolean }>(
      `UPDATE device d SET config_reported = $3,
         config_revision = CASE WHEN o.outrun THEN $4::bigint + 1 ELSE d.config_revision END
       FROM (
         SELECT id, NOT $5::boolean AND $4::bigint >= config_revision AS outrun,
           $5::boolean AND $4::bigint < config_revision AS behind
         FROM device WHERE id = $1 FOR UPDATE
       ) o
       WHERE d.id = $1 AND o.id = d.id AND d.site_id = $2 RETURNING o.outrun, o.behind`,
      [deviceId, siteId, JSON.stringify(reported), reported.revision, reported.accepted],
    );
    return rows[0] ?? { outrun: false, behind: false };
  }
}
