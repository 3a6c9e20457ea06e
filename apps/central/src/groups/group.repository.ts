import type { GroupView } from '@latchkey/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../database/database.ts';

/** A group to be made, with the head of its empty log. */
export interface NewGroup {
  readonly id: string;
  readonly siteId: string;
  readonly name: string;
  readonly logHash: string;
  readonly contentHash: string;
  readonly modelId: string;
}

/** SQL of groups. */
@Injectable()
export class GroupRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Adds a group at revision 0; false when its id is taken. */
  async insert(group: NewGroup): Promise<boolean> {
    const added = await this.database.run(
      `INSERT INTO gallery_group (id, site_id, name, log_hash, content_hash, model_id) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (id) DO NOTHING`,
      [group.id, group.siteId, group.name, group.logHash, group.contentHash, group.modelId],
    );
    return added === 1;
  }

  /** Groups by id, after `after`. */
  async list(after: string, limit: number): Promise<GroupView[]> {
    return this.#views('WHERE gallery_group.id > $1 ORDER BY gallery_group.id LIMIT $2', [after, limit]);
  }

  /** One group, null when there is none. */
  async find(id: string): Promise<GroupView | null> {
    const [group] = await this.#views('WHERE gallery_group.id = $1', [id]);
    return group ?? null;
  }

  #views(rest: string, parameters: readonly unknown[]): Promise<GroupView[]> {
    return this.database.rows<GroupView>(
      `SELECT id, site_id AS "siteId", name, epoch, revision,
              (SELECT count(*)::int FROM person_group WHERE group_id = gallery_group.id) AS persons,
              (SELECT count(*)::int FROM device_group WHERE group_id = gallery_group.id) AS devices
       FROM gallery_group ${rest}`,
      parameters,
    );
  }
}
