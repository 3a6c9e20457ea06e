import type { PersonView } from '@latchkey/contracts';
import { freeAccess, type GalleryPerson, personRowHash } from '@latchkey/domain';
import { Injectable } from '@nestjs/common';
import type { Sql } from '../database/database.ts';
import { type PersonColumns, personColumns, personOf } from '../gallery/person-row.ts';

/** A person with the groups that they are in. */
export interface PersonWithGroups extends GalleryPerson {
  readonly groupIds: readonly string[];
}

/** Which people a list shows. */
export interface PeopleFilter {
  /** Part of the name, in any case. */
  readonly search: string | null;
  readonly groupId: string | null;
  /** The schedule that they are bound to. */
  readonly scheduleId: string | null;
  /** The last person of the page before. */
  readonly after: { readonly sortName: string; readonly id: string } | null;
  readonly limit: number;
}

interface PersonRow extends PersonColumns, Pick<PersonView, 'groupIds' | 'photos' | 'encodings' | 'portraitPhotoId'> {
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly sortName: string;
}

/** A person of a list and where they stand in it. */
export interface ListedPerson {
  readonly view: PersonView;
  readonly sortName: string;
}

const view = `${personColumns}, person.sort_name AS "sortName",
  person.created_at AS "createdAt", person.updated_at AS "updatedAt",
  ARRAY(SELECT group_id FROM person_group WHERE person_id = person.id ORDER BY group_id) AS "groupIds",
  (SELECT count(*)::int FROM photo WHERE person_id = person.id) AS photos,
  (SELECT count(*)::int FROM encoding WHERE person_id = person.id) AS encodings,
  (SELECT id FROM photo WHERE person_id = person.id ORDER BY created_at, id LIMIT 1) AS "portraitPhotoId"`;

/** SQL of people and their memberships. */
@Injectable()
export class PersonRepository {
  /** People by name. */
  async list(sql: Sql, { search, groupId, scheduleId, after, limit }: PeopleFilter): Promise<ListedPerson[]> {
    const rows = await sql.rows<PersonRow>(
      `SELECT ${view} FROM person
       WHERE ($1::text IS NULL OR position(lower($1) IN lower(name)) > 0)
         AND ($2::text IS NULL OR EXISTS (SELECT FROM person_group WHERE person_id = person.id AND group_id = $2))
         AND ($6::text IS NULL OR schedule_id = $6)
         AND ($3::text IS NULL OR (sort_name, id) > ($3, $4::uuid))
       ORDER BY sort_name, id LIMIT $5`,
      [search, groupId, after?.sortName ?? null, after?.id ?? null, limit, scheduleId],
    );
    return rows.map(listed);
  }

  /** One person as the API shows them, null when there is none. */
  async find(sql: Sql, id: string): Promise<PersonView | null> {
    const [row] = await sql.rows<PersonRow>(`SELECT ${view} FROM person WHERE id = $1`, [id]);
    return row ? listed(row).view : null;
  }

  /**
   * A person, locked until the transaction ends: memberships, photos and encodings change under this lock only. Null when
   * there is none. Events that name the person are written meanwhile.
   */
  lock(sql: Sql, id: string): Promise<PersonWithGroups | null> {
    return this.#lock(sql, id, 'FOR NO KEY UPDATE');
  }

  /** As {@link lock}; and no event that names the person is written until the transaction ends. */
  lockToErase(sql: Sql, id: string): Promise<PersonWithGroups | null> {
    return this.#lock(sql, id, 'FOR UPDATE');
  }

  async #lock(sql: Sql, id: string, strength: 'FOR NO KEY UPDATE' | 'FOR UPDATE'): Promise<PersonWithGroups | null> {
    const [person] = await sql.rows<PersonColumns>(`SELECT ${personColumns} FROM person WHERE id = $1 ${strength}`, [
      id,
    ]);
    if (!person) return null;
    const groups = await sql.rows<{ groupId: string }>(
      'SELECT group_id AS "groupId" FROM person_group WHERE person_id = $1 ORDER BY group_id',
      [id],
    );
    return { ...personOf(person), groupIds: groups.map(({ groupId }) => groupId) };
  }

  /** Adds a person. */
  async insert(sql: Sql, person: GalleryPerson): Promise<void> {
    await sql.run(
      `INSERT INTO person (id, name, always, row_hash, valid_from, valid_until, schedule_id, duress, escorted)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      valuesOf(person),
    );
  }

  /** Sets what a person is called and when they may enter. */
  async update(sql: Sql, person: GalleryPerson): Promise<void> {
    await sql.run(
      `UPDATE person SET name = $2, always = $3, row_hash = $4, valid_from = $5, valid_until = $6, schedule_id = $7,
         duress = $8, escorted = $9
       WHERE id = $1`,
      valuesOf(person),
    );
  }

  /** Whether there is a schedule; it stays until the transaction ends. */
  async hasSchedule(sql: Sql, scheduleId: string): Promise<boolean> {
    const rows = await sql.rows('SELECT 1 FROM schedule WHERE id = $1 FOR KEY SHARE', [scheduleId]);
    return rows.length > 0;
  }

  /** Notes that something about a person changed. */
  async touch(sql: Sql, id: string): Promise<void> {
    await sql.run('UPDATE person SET updated_at = now() WHERE id = $1', [id]);
  }

  /** Puts a person into groups. */
  async join(sql: Sql, id: string, groupIds: readonly string[]): Promise<void> {
    await sql.run('INSERT INTO person_group (person_id, group_id) SELECT $1, unnest($2::text[])', [id, groupIds]);
  }

  /** Takes a person out of groups. */
  async leave(sql: Sql, id: string, groupIds: readonly string[]): Promise<void> {
    await sql.run('DELETE FROM person_group WHERE person_id = $1 AND group_id = ANY($2::text[])', [id, groupIds]);
  }
}

function valuesOf(person: GalleryPerson): readonly unknown[] {
  const { personId, name, always, access = freeAccess } = person;
  const { validFrom, validUntil, scheduleId, duress, escorted } = access;
  return [personId, name, always, personRowHash(person), validFrom, validUntil, scheduleId, duress, escorted];
}

function listed(row: PersonRow): ListedPerson {
  const { personId: id, name, always, access = freeAccess } = personOf(row);
  const { groupIds, photos, encodings, portraitPhotoId, sortName } = row;
  const createdAt = row.createdAt.toISOString();
  const updatedAt = row.updatedAt.toISOString();
  return {
    sortName,
    view: { id, name, always, access, groupIds, photos, encodings, portraitPhotoId, createdAt, updatedAt },
  };
}
