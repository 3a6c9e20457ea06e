import { DataSource } from 'typeorm';
import { dataSourceOptions } from './data-source.ts';
import { asLatchkeyError } from './database-error.ts';

/** Key of the advisory lock that lets one process at a time migrate; any constant that nobody else uses. */
const migrationLock = 7_640_217;

/**
 * Brings a database to the schema that this version needs: runs the migrations that it lacks, each in a transaction of its
 * own, one process at a time. Safe to call on an up-to-date database.
 * @returns the names of the migrations that were run now, oldest first.
 * @throws LatchkeyError `database-unavailable` when the database does not answer.
 */
export async function runMigrations(databaseUrl: string): Promise<string[]> {
  const dataSource = new DataSource(dataSourceOptions({ databaseUrl, poolSize: 3 }));
  try {
    await dataSource.initialize();
    const lock = dataSource.createQueryRunner();
    try {
      await lock.query('SET statement_timeout = 0');
      await lock.query('SELECT pg_advisory_lock($1)', [migrationLock]);
      const ran = await dataSource.runMigrations();
      await lock.query('SELECT pg_advisory_unlock($1)', [migrationLock]);
      return ran.map(({ name }) => name);
    } finally {
      await lock.release();
    }
  } catch (error) {
    throw asLatchkeyError(error);
  } finally {
    if (dataSource.isInitialized) await dataSource.destroy();
  }
}
