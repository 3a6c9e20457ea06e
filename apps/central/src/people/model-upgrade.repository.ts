import { LatchkeyError } from '@latchkey/domain';
import { Injectable } from '@nestjs/common';
import type { Sql } from '../database/database.ts';

/** A photo that no encoding of a model was made from yet. */
export interface PhotoWithoutEncoding {
  readonly photoId: string;
  readonly personId: string;
  readonly eventId: string | null;
}

/** SQL of changing over to another model. */
@Injectable()
export class ModelUpgradeRepository {
  /** Groups whose devices hold encodings of another model than this one. */
  async groupsOfOtherModels(sql: Sql, modelId: string): Promise<string[]> {
    const rows = await sql.rows<{ id: string }>('SELECT id FROM gallery_group WHERE model_id <> $1 ORDER BY id', [
      modelId,
    ]);
    return rows.map(({ id }) => id);
  }

  /** Photos that a model has not encoded. */
  async photosWithoutEncoding(sql: Sql, modelId: string): Promise<PhotoWithoutEncoding[]> {
    return sql.rows<PhotoWithoutEncoding>(
      `SELECT photo.id AS "photoId", person_id AS "personId", event_id AS "eventId" FROM photo
       WHERE NOT EXISTS (SELECT FROM encoding WHERE encoding.photo_id = photo.id AND encoding.model_id = $1)
       ORDER BY photo.id`,
      [modelId],
    );
  }

  /** Whether a photo is there that a model has not encoded. */
  async lacksEncoding(sql: Sql, photoId: string, modelId: string): Promise<boolean> {
    const rows = await sql.rows(
      `SELECT 1 FROM photo WHERE id = $1
         AND NOT EXISTS (SELECT FROM encoding WHERE photo_id = photo.id AND model_id = $2)`,
      [photoId, modelId],
    );
    return rows.length > 0;
  }

  /** A photo's JPEG. @throws LatchkeyError `not-found` when it was deleted meanwhile. */
  async jpeg(sql: Sql, photoId: string): Promise<Buffer> {
    const [row] = await sql.rows<{ jpeg: Buffer }>('SELECT jpeg FROM photo WHERE id = $1', [photoId]);
    if (!row) throw new LatchkeyError('not-found', `Photo ${photoId} was deleted meanwhile.`);
    return row.jpeg;
  }

  /** Deletes encodings that no group uses any more; the number of people who have none left. */
  async deleteUnused(sql: Sql): Promise<number> {
    const bare = await sql.rows<{ people: number }>(
      `WITH deleted AS (
         DELETE FROM encoding WHERE model_id NOT IN (SELECT model_id FROM gallery_group) RETURNING person_id
       )
       SELECT count(DISTINCT person_id)::int AS people FROM deleted
       WHERE NOT EXISTS (
         SELECT FROM encoding WHERE encoding.person_id = deleted.person_id
           AND encoding.model_id IN (SELECT model_id FROM gallery_group))`,
    );
    return bare[0]?.people ?? 0;
  }
}
