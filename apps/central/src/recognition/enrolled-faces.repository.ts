import { encodingFromBytes } from '@latchkey/domain';
import { Injectable } from '@nestjs/common';
import type { Sql } from '../database/database.ts';

/** An enrolled face. */
export interface EnrolledEncoding {
  readonly encodingId: string;
  readonly personId: string;
  readonly values: Float32Array;
}

/** Which encodings of a model there are; changes whenever one is added or deleted. */
export interface Extent {
  readonly count: number;
  /** The newest one's id; ids are never used twice and grow with time. Null when there is none. */
  readonly newest: string | null;
}

/** Which encodings to read. */
interface EncodingFilter {
  /** Only these people's. */
  readonly personIds?: readonly string[];
  /** Only these. */
  readonly encodingIds?: readonly string[];
}

/** SQL that reads enrolled faces for a comparison at central. */
@Injectable()
export class EnrolledFacesRepository {
  /** How many encodings of a model there are, and the newest. */
  async extent(sql: Sql, modelId: string): Promise<Extent> {
    const [row] = await sql.rows<Extent>(
      'SELECT count(*)::int AS count, max(id::text) AS newest FROM encoding WHERE model_id = $1',
      [modelId],
    );
    return row ?? { count: 0, newest: null };
  }

  /** Ids of the encodings of a model. */
  async ids(sql: Sql, modelId: string): Promise<string[]> {
    const rows = await sql.rows<{ id: string }>('SELECT id FROM encoding WHERE model_id = $1', [modelId]);
    return rows.map(({ id }) => id);
  }

  /** Encodings of a model. */
  async encodings(sql: Sql, modelId: string, filter: EncodingFilter = {}): Promise<EnrolledEncoding[]> {
    const rows = await sql.rows<{ encodingId: string; personId: string; vector: Buffer }>(
      `SELECT id AS "encodingId", person_id AS "personId", vector FROM encoding
       WHERE model_id = $1 AND ($2::uuid[] IS NULL OR person_id = ANY($2)) AND ($3::uuid[] IS NULL OR id = ANY($3))`,
      [modelId, filter.personIds ?? null, filter.encodingIds ?? null],
    );
    return rows.map(({ encodingId, personId, vector }) => ({
      encodingId,
      personId,
      values: encodingFromBytes(vector),
    }));
  }

  /**
   * Lets enrolments go one after another until the transaction ends, on all instances of central: two at once would not see
   * each other's faces. To be taken before any other lock.
   */
  async lock(sql: Sql): Promise<void> {
    await sql.rows(`SELECT pg_advisory_xact_lock(hashtext('latchkey enrolment'))`);
  }
}
