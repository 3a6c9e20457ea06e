import { encodingFromBytes } from '@latchkey/domain';
import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../database/database.ts';

/** An enrolled face. */
export interface EnrolledEncoding {
  readonly encodingId: string;
  readonly personId: string;
  readonly values: Float32Array;
}

/** SQL that reads enrolled faces for a search at central. */
@Injectable()
export class RecognitionRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Changes whenever an encoding of the model is added or deleted: ids are never used twice and grow with time. */
  async fingerprint(modelId: string): Promise<string> {
    const [row] = await this.database.rows<{ fingerprint: string }>(
      `SELECT count(*) || '/' || coalesce(max(id::text), '') AS fingerprint FROM encoding WHERE model_id = $1`,
      [modelId],
    );
    return row?.fingerprint ?? '';
  }

  /** Everybody's encodings of a model, or those of some people. */
  async encodings(modelId: string, personIds: readonly string[] | null): Promise<EnrolledEncoding[]> {
    const rows = await this.database.rows<{ encodingId: string; personId: string; vector: Buffer }>(
      `SELECT id AS "encodingId", person_id AS "personId", vector FROM encoding
       WHERE model_id = $1 AND ($2::uuid[] IS NULL OR person_id = ANY($2))`,
      [modelId, personIds],
    );
    return rows.map(({ encodingId, personId, vector }) => ({
      encodingId,
      personId,
      values: encodingFromBytes(vector),
    }));
  }

  /** Names of people, by id. */
  async name(personId: string): Promise<string | null> {
    const [row] = await this.database.rows<{ name: string }>('SELECT name FROM person WHERE id = $1', [personId]);
    return row?.name ?? null;
  }

  /** Ids of the people with exactly this id or name (in any case). */
  async findPeople(personId: string | null, name: string | null): Promise<string[]> {
    const rows = await this.database.rows<{ id: string }>(
      'SELECT id FROM person WHERE id = $1::uuid OR lower(name) = lower($2::text) ORDER BY id',
      [personId, name],
    );
    return rows.map(({ id }) => id);
  }
}
