import type { PersonView } from '@latchkey/contracts';
import { type GalleryPerson, personRowHash } from '@latchkey/domain';
import { Injectable } from '@nestjs/common';
import type { Sql } from '../database/database.ts';

/** A person with the groups that they are in. */
export interface PersonWithGroups extends GalleryPerson {
  readonly groupIds: readonly string[];
}

/** Which people a list shows. */
export interface PeopleFilter {
  /** Part of the name, in any case. */
  readonly search: string | null;
  readonly groupId: string | null;
  /** The last person of the page before. */
  readonly after: { readonly sortName: string; readonly id: string } | null;
  readonly limit: number;
}

interface PersonRow extends Omit<PersonView, 'createdAt' | 'updatedAt'> {
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly sortName: string;
}

/** A person of a list and where they stand in it. */
export interface ListedPerson {
  readonly view: PersonView;
  readonly sortName: string;
}

const view = `person.id, person.name, person.always, person.sort_name AS "sortName",
  person.created_at AS "createdAt", person.updated_at AS "updatedAt",
  ARRAY(SELECT group_id FROM person_group WHERE person_id = person.id ORDER BY group_id) AS "groupIds",
  (SELECT count(*)::int FROM photo WHERE person_id = person.id) AS photos,
  (SELECT count(*)::int FROM encoding WHERE person_id = person.id) AS encodings,
  (SELECT id FROM photo WHERE person_id = person.id ORDER BY created_at, id LIMIT 1) AS "portraitPhotoId"`;

/** SQL of people and their memberships. */
@Injectable()
export class PersonRepository {
  /** People by name. */
  async list(sql: Sql, { search, groupId, after, limit }: PeopleFilter): Promise<ListedPerson[]> {
    const rows = await sql.rows<PersonRow>(
      `SELECT ${view} FROM person
       WHERE ($1::text IS NULL OR position(lower($1) IN lower(name)) > 0)
         AND ($2::text IS NULL OR EXISTS (SELECT FROM person_group WHERE person_id = person.id AND group_id = $2))
         AND ($3::text IS NULL OR (sort_name, id) > ($3, $4::uuid))
       ORDER BY sort_name, id LIMIT $5`,
      [search, groupId, after?.sortName ?? null, after?.id ?? null, limit],
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
   * there is none.
   */
  async lock(sql: Sql, id: string): Promise<PersonWithGroups | null> {
    const [person] = await sql.rows<GalleryPerson>(
      'SELECT id AS "personId", name, always FROM person WHERE id = $1 FOR UPDATE',
      [id],
    );
    if (!person) return null;
    const groups = await sql.rows<{ groupId: string }>(
      'SELECT group_id AS "groupId" FROM person_group WHERE person_id = $1 ORDER BY group_id',
      [id],
    );
    return { ...person, groupIds: groups.map(({ groupId }) => groupId) };
  }

  /** Adds a person. */
  async insert(sql: Sql, person: GalleryPerson): Promise<void> {
    await sql.run('INSERT INTO person (id, name, always, row_hash) VALUES ($1, $2, $3, $4)', [
      person.personId,
      person.name,
      person.always,
      personRowHash(person),
    ]);
  }

  /** Sets what a person is called and whether they are always admitted. */
  async update(sql: Sql, person: GalleryPerson): Promise<void> {
    await sql.run('UPDATE person SET name = $2, always = $3, row_hash = $4 WHERE id = $1', [
      person.personId,
      person.name,
      person.always,
      personRowHash(person),
    ]);
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

function listed({ sortName, createdAt, updatedAt, ...rest }: PersonRow): ListedPerson {
  return { sortName, view: { ...rest, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() } };
}
