import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../database/database.ts';

/** SQL of what keeps the log in bounds. The functions are in the migration of the log. */
@Injectable()
export class PartitionsRepository {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Makes this month's and the next months' partitions where they are missing; the names of those that it made. */
  ensure(monthsAhead: number): Promise<string[]> {
    return this.#change('SELECT ensure_event_partitions($1) AS name', monthsAhead);
  }

  /** Drops the partitions whose newest row is older than that many days; the names of those that it dropped. */
  drop(retentionDays: number): Promise<string[]> {
    return this.#change('SELECT drop_event_partitions($1) AS name', retentionDays);
  }

  /** Deletes dead letters that are older than that many days; how many. */
  async dropDeadLetters(retentionDays: number): Promise<number> {
    return this.database.run('DELETE FROM dead_letter WHERE received_at < now() - make_interval(days => $1)', [
      retentionDays,
    ]);
  }

  /** Partitions are made and dropped under a lock on the whole table: who waits for that holds up everybody, so not for long. */
  #change(statement: string, parameter: number): Promise<string[]> {
    return this.database.transaction(async (sql) => {
      await sql.run("SET LOCAL lock_timeout = '3s'");
      const rows = await sql.rows<{ name: string }>(statement, [parameter]);
      return rows.map(({ name }) => name);
    });
  }
}
