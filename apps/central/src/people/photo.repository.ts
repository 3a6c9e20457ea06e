import type { PhotoView } from '@latchkey/contracts';
import { encodingRowHash, encodingToBytes, type GalleryEncoding } from '@latchkey/domain';
import { Injectable } from '@nestjs/common';
import type { Sql } from '../database/database.ts';

/** A photo to be stored. */
export interface NewPhoto {
  readonly id: string;
  readonly personId: string;
  readonly fileName: string;
  readonly jpeg: Uint8Array;
  readonly quality: number | null;
  readonly eventId: string | null;
}

/** An encoding to be stored, and what it came from. */
export interface NewEncoding extends GalleryEncoding {
  readonly photoId: string | null;
  readonly eventId: string | null;
}

/** SQL of photos and encodings. */
@Injectable()
export class PhotoRepository {
  /** A person's photos, oldest first. */
  async list(sql: Sql, personId: string): Promise<PhotoView[]> {
    const rows = await sql.rows<Omit<PhotoView, 'createdAt'> & { createdAt: Date }>(
      `SELECT id, file_name AS "fileName", quality, created_at AS "createdAt"
       FROM photo WHERE person_id = $1 ORDER BY created_at, id`,
      [personId],
    );
    return rows.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() }));
  }

  /** A photo's JPEG, null when the person has no such photo. */
  async jpeg(sql: Sql, personId: string, photoId: string): Promise<Buffer | null> {
    const [row] = await sql.rows<{ jpeg: Buffer }>('SELECT jpeg FROM photo WHERE id = $1 AND person_id = $2', [
      photoId,
      personId,
    ]);
    return row?.jpeg ?? null;
  }

  /** How many encodings a person has. */
  async countEncodings(sql: Sql, personId: string): Promise<number> {
    const [row] = await sql.rows<{ count: number }>(
      'SELECT count(*)::int AS count FROM encoding WHERE person_id = $1',
      [personId],
    );
    return row?.count ?? 0;
  }

  /** Whether the face of an event is somebody's already. */
  async isEnrolled(sql: Sql, eventId: string): Promise<boolean> {
    return (await sql.rows('SELECT 1 FROM encoding WHERE event_id = $1', [eventId])).length > 0;
  }

  /** Adds a photo. */
  async insertPhoto(sql: Sql, photo: NewPhoto): Promise<void> {
    await sql.run(
      // Not the transaction's time: several photos of one request keep their order.
      `INSERT INTO photo (id, person_id, file_name, jpeg, quality, event_id, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp())`,
      [photo.id, photo.personId, photo.fileName, Buffer.from(photo.jpeg), photo.quality, photo.eventId],
    );
  }

  /** Adds an encoding; which event it came from is remembered for as long as the person is. */
  async insertEncoding(sql: Sql, encoding: NewEncoding): Promise<void> {
    await sql.run(
      `INSERT INTO encoding (id, person_id, photo_id, event_id, model_id, vector, row_hash)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [
        encoding.encodingId,
        encoding.personId,
        encoding.photoId,
        encoding.eventId,
        encoding.modelId,
        Buffer.from(encodingToBytes(encoding.values)),
        encodingRowHash(encoding),
      ],
    );
    if (encoding.eventId === null) return;
    await sql.run('INSERT INTO enrolled_event (person_id, event_id) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
      encoding.personId,
      encoding.eventId,
    ]);
  }

  /** Encodings that were made from a photo of a person; null when the person has no such photo. */
  async encodingIdsOf(sql: Sql, personId: string, photoId: string): Promise<{ id: string; modelId: string }[] | null> {
    const photos = await sql.rows('SELECT 1 FROM photo WHERE id = $1 AND person_id = $2', [photoId, personId]);
    if (photos.length === 0) return null;
    return sql.rows('SELECT id, model_id AS "modelId" FROM encoding WHERE photo_id = $1', [photoId]);
  }

  /** Deletes a photo and the encodings that were made from it. */
  async delete(sql: Sql, photoId: string): Promise<void> {
    await sql.run('DELETE FROM encoding WHERE photo_id = $1', [photoId]);
    await sql.run('DELETE FROM photo WHERE id = $1', [photoId]);
  }
}
