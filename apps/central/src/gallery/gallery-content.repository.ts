import { encodingToBase64, type WireGalleryEncoding } from '@latchkey/contracts';
import { encodingFromBytes, type GalleryEncoding, type GalleryPerson } from '@latchkey/domain';
import { Injectable } from '@nestjs/common';
import type { Sql } from '../database/database.ts';
import { type PersonColumns, personColumns, personOf } from './person-row.ts';

interface EncodingRow {
  readonly encodingId: string;
  readonly personId: string;
  readonly modelId: string;
  readonly vector: Buffer;
}

const encodingColumns = `encoding.id AS "encodingId", encoding.person_id AS "personId", encoding.model_id AS "modelId",
  encoding.vector`;

/** SQL that reads what a group's gallery holds. */
@Injectable()
export class GalleryContentRepository {
  /** Everybody of a group. */
  async persons(sql: Sql, groupId: string): Promise<GalleryPerson[]> {
    const rows = await sql.rows<PersonColumns>(
      `SELECT ${personColumns}
       FROM person_group JOIN person ON person.id = person_group.person_id
       WHERE person_group.group_id = $1 ORDER BY person.id`,
      [groupId],
    );
    return rows.map(personOf);
  }

  /** Everybody's encodings of one model, as they travel. */
  async encodings(sql: Sql, groupId: string, modelId: string): Promise<WireGalleryEncoding[]> {
    const rows = await sql.rows<EncodingRow>(
      `SELECT ${encodingColumns}
       FROM person_group JOIN encoding ON encoding.person_id = person_group.person_id
       WHERE person_group.group_id = $1 AND encoding.model_id = $2 ORDER BY encoding.id`,
      [groupId, modelId],
    );
    return rows.map((row) => ({
      encodingId: row.encodingId,
      personId: row.personId,
      modelId: row.modelId,
      values: encodingToBase64(encodingFromBytes(row.vector)),
    }));
  }

  /** One person's encodings of every model. */
  async encodingsOfPerson(sql: Sql, personId: string): Promise<GalleryEncoding[]> {
    const rows = await sql.rows<EncodingRow>(
      `SELECT ${encodingColumns} FROM encoding WHERE person_id = $1 ORDER BY id`,
      [personId],
    );
    return rows.map((row) => ({
      encodingId: row.encodingId,
      personId: row.personId,
      modelId: row.modelId,
      values: encodingFromBytes(row.vector),
    }));
  }
}
