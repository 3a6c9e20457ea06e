import { Injectable } from '@nestjs/common';
import type { Sql } from '../database/database.ts';

/** SQL of erasures. */
@Injectable()
export class ErasureRepository {
  /** Deletes a person's rows: encodings, photos, memberships, and the person. */
  async deletePerson(sql: Sql, personId: string): Promise<void> {
    await sql.run('DELETE FROM encoding WHERE person_id = $1', [personId]);
    await sql.run('DELETE FROM photo WHERE person_id = $1', [personId]);
    await sql.run('DELETE FROM person_group WHERE person_id = $1', [personId]);
    await sql.run('DELETE FROM person WHERE id = $1', [personId]);
  }

  /** Notes in the ledger that a person was erased; at once complete when no device may hold them. */
  async note(sql: Sql, personId: string, accountId: string): Promise<void> {
    await sql.run(
      `INSERT INTO erasure_ledger (person_id, erased_by, completed_at)
       SELECT $1, $2, CASE WHEN EXISTS (SELECT FROM holding WHERE person_id = $1 AND ended_at IS NULL) THEN NULL ELSE now() END
       ON CONFLICT (person_id) DO NOTHING`,
      [personId, accountId],
    );
  }
}
