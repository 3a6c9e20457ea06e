import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../database/database.ts';

/** SQL that reads who people are, for a recognition at central. */
@Injectable()
export class RecognitionRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** A person's name, by id. */
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
