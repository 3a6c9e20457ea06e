import type { WireGalleryChange } from '@latchkey/contracts';
import { Injectable } from '@nestjs/common';
import type { Sql } from '../database/database.ts';
import { signedLength } from './snapshot-chunks.ts';

/** A group's row: where its log stands. */
export interface GroupHead {
  readonly groupId: string;
  readonly siteId: string;
  readonly epoch: number;
  readonly revision: number;
  readonly logHash: string;
  readonly contentHash: string;
  readonly modelId: string;
}

/** A logged change without the parts that its payload holds. */
export interface LoggedChange {
  readonly groupId: string;
  readonly epoch: number;
  readonly revision: number;
  readonly payload: WireGalleryChange | null;
}

/** A change to be logged, and the head that it makes. */
export interface NewChange {
  readonly payload: WireGalleryChange;
  readonly logHash: string;
  readonly contentHash: string;
  readonly carriedPersonIds: readonly string[];
}

const headColumns = `id AS "groupId", site_id AS "siteId", epoch, revision, log_hash AS "logHash",
  content_hash AS "contentHash", model_id AS "modelId"`;

/** SQL of the change logs. */
@Injectable()
export class GalleryLogRepository {
  /** Locks the rows of groups, in the order of their ids so that two writers never wait for each other in a circle. */
  async lock(sql: Sql, groupIds: readonly string[]): Promise<GroupHead[]> {
    return sql.rows<GroupHead>(
      `SELECT ${headColumns} FROM gallery_group WHERE id = ANY($1::text[]) ORDER BY id FOR UPDATE`,
      [groupIds],
    );
  }

  /**
   * Head of a group for a device that is its member, null for all others. The row is locked against writers, so that what is
   * read after it in the same transaction belongs to it.
   */
  async headForDevice(sql: Sql, groupId: string, siteId: string, deviceId: string): Promise<GroupHead | null> {
    const [head] = await sql.rows<GroupHead>(
      `SELECT ${headColumns} FROM gallery_group
       WHERE id = $1 AND site_id = $2 AND EXISTS (
         SELECT FROM device_group JOIN device ON device.id = device_group.device_id
         WHERE device_group.group_id = gallery_group.id AND device.id = $3 AND device.site_id = $2)
       FOR SHARE`,
      [groupId, siteId, deviceId],
    );
    return head ?? null;
  }

  /**
   * `contentHash` of a group from its rows, as `contentHashOf` of the domain computes it: SHA-256 of the sorted row hashes,
   * one a line.
   */
  async contentHash(sql: Sql, groupId: string, modelId: string): Promise<string> {
    const [row] = await sql.rows<{ contentHash: string }>(
      `SELECT encode(sha256(convert_to(coalesce(string_agg(row_hash, E'\\n' ORDER BY row_hash COLLATE "C"), ''), 'UTF8')),
                     'hex') AS "contentHash"
       FROM (
         SELECT person.row_hash FROM person_group JOIN person ON person.id = person_group.person_id
         WHERE person_group.group_id = $1
         UNION ALL
         SELECT encoding.row_hash FROM person_group JOIN encoding ON encoding.person_id = person_group.person_id
         WHERE person_group.group_id = $1 AND encoding.model_id = $2
       ) AS content`,
      [groupId, modelId],
    );
    return row?.contentHash ?? '';
  }

  /** Writes a change into the log and moves its group's head. */
  async append(sql: Sql, { payload, logHash, contentHash, carriedPersonIds }: NewChange): Promise<void> {
    await sql.run(
      `INSERT INTO gallery_change (group_id, epoch, revision, prev_hash, log_hash, content_hash, carried_person_ids,
                                   operation_count, payload_bytes, payload)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [
        payload.groupId,
        payload.epoch,
        payload.to,
        payload.prevHash,
        logHash,
        contentHash,
        carriedPersonIds,
        payload.operations.length,
        signedLength(payload),
        JSON.stringify(payload),
      ],
    );
    await sql.run('UPDATE gallery_group SET revision = $2, log_hash = $3, content_hash = $4 WHERE id = $1', [
      payload.groupId,
      payload.to,
      logHash,
      contentHash,
    ]);
  }

  /** Sets a group's head. */
  async beginEpoch(sql: Sql, head: GroupHead): Promise<void> {
    await sql.run(
      `UPDATE gallery_group SET epoch = $2, revision = $3, log_hash = $4, content_hash = $5, model_id = $6 WHERE id = $1`,
      [head.groupId, head.epoch, head.revision, head.logHash, head.contentHash, head.modelId],
    );
  }

  /** `logHash` of a revision of a group's log; null when the log does not reach back to it. */
  async logHashAt(sql: Sql, groupId: string, epoch: number, revision: number): Promise<string | null> {
    const [row] = await sql.rows<{ logHash: string }>(
      'SELECT log_hash AS "logHash" FROM gallery_change WHERE group_id = $1 AND epoch = $2 AND revision = $3',
      [groupId, epoch, revision],
    );
    return row?.logHash ?? null;
  }

  /** What the changes after a revision amount to, without reading their payloads. */
  async weighAfter(
    sql: Sql,
    groupId: string,
    epoch: number,
    revision: number,
  ): Promise<{ changes: number; operations: number; bytes: number; scrubbed: number }> {
    const [row] = await sql.rows<{ changes: number; operations: number; bytes: number; scrubbed: number }>(
      `SELECT count(*)::int AS changes, coalesce(sum(operation_count), 0)::int AS operations,
              coalesce(sum(payload_bytes), 0)::float8 AS bytes, (count(*) FILTER (WHERE payload IS NULL))::int AS scrubbed
       FROM gallery_change WHERE group_id = $1 AND epoch = $2 AND revision > $3`,
      [groupId, epoch, revision],
    );
    return row ?? { changes: 0, operations: 0, bytes: 0, scrubbed: 0 };
  }

  /** The changes after a revision, in order. */
  async changesAfter(sql: Sql, groupId: string, epoch: number, revision: number): Promise<LoggedChange[]> {
    return sql.rows<LoggedChange>(
      `SELECT group_id AS "groupId", epoch, revision, payload FROM gallery_change
       WHERE group_id = $1 AND epoch = $2 AND revision > $3 ORDER BY revision`,
      [groupId, epoch, revision],
    );
  }

  /** Changes that were never published, oldest first. */
  async unpublished(sql: Sql, limit: number): Promise<LoggedChange[]> {
    return sql.rows<LoggedChange>(
      `SELECT group_id AS "groupId", epoch, revision, payload FROM gallery_change
       WHERE published_at IS NULL ORDER BY group_id, epoch, revision LIMIT $1`,
      [limit],
    );
  }

  /** Notes that a change was published. */
  async markPublished(sql: Sql, { groupId, epoch, revision }: Omit<LoggedChange, 'payload'>): Promise<void> {
    await sql.run(
      'UPDATE gallery_change SET published_at = now() WHERE group_id = $1 AND epoch = $2 AND revision = $3',
      [groupId, epoch, revision],
    );
  }

  /** Deletes every payload that carries data of a person; the digests stay, so that the chain stays whole. */
  async scrub(sql: Sql, personId: string): Promise<number> {
    return sql.run(
      `UPDATE gallery_change SET payload = NULL WHERE carried_person_ids @> ARRAY[$1]::uuid[] AND payload IS NOT NULL`,
      [personId],
    );
  }

  /** Grows when central's database was restored from a backup. */
  async databaseEpoch(sql: Sql): Promise<number> {
    const [row] = await sql.rows<{ databaseEpoch: number }>(
      'SELECT database_epoch AS "databaseEpoch" FROM central_meta',
    );
    return row?.databaseEpoch ?? 1;
  }
}
