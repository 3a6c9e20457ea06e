import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runMigrations } from '@latchkey/central';
import { readCentralConfig } from '@latchkey/config';
import { isLatchkeyError } from '@latchkey/domain';
import { TestDatabase, temporaryFolder } from '@latchkey/testing';
import { NestFactory } from '@nestjs/core';
import { getDataSourceToken } from '@nestjs/typeorm';
import pino from 'pino';
import { DataSource } from 'typeorm';
import { appModule } from '../../apps/central/src/app.module.ts';
import { dataSourceOptions } from '../../apps/central/src/database/data-source.ts';
import { migrations } from '../../apps/central/src/database/migrations/index.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = new TestDatabase();
  await database.start();
});
afterEach(() => database.stop());

const names = migrations.map(({ name }) => name);

async function recorded(): Promise<string[]> {
  const rows = await database.rows<{ name: string }>('SELECT name FROM schema_migration ORDER BY id');
  return rows.map(({ name }) => name);
}

describe('migrating', () => {
  it('makes the schema in an empty database and says which migrations ran; again it has nothing to do', async () => {
    expect(await runMigrations(database.url)).toEqual(names);
    expect(await runMigrations(database.url)).toEqual([]);
    expect(await recorded()).toEqual(names);
  });

  it('runs each migration once when several processes start at the same time', async () => {
    const ran = await Promise.all(Array.from({ length: 4 }, () => runMigrations(database.url)));
    expect(ran.flat().sort()).toEqual([...names].sort());
    expect(await recorded()).toEqual(names);
  });

  it('goes forward from an older schema and keeps what is there', async () => {
    const older = new DataSource({
      ...dataSourceOptions({ databaseUrl: database.url }),
      migrations: [...migrations].slice(0, 1),
    });
    await older.initialize();
    await older.runMigrations();
    await older.destroy();
    await database.rows(`INSERT INTO person (id, name, row_hash) VALUES (gen_random_uuid(), 'From before', 'x')`);
    expect(await runMigrations(database.url)).toEqual(names.slice(1));
    expect(await database.rows('SELECT name FROM person')).toEqual([{ name: 'From before' }]);
  });

  it('knows from which events people were enrolled before that was noted', async () => {
    const older = new DataSource({
      ...dataSourceOptions({ databaseUrl: database.url }),
      migrations: migrations.filter(({ name }) => !name.startsWith('EnrolledEvents')),
    });
    await older.initialize();
    await older.runMigrations();
    await older.destroy();
    const [person = { id: '' }] = await database.rows<{ id: string }>(
      `INSERT INTO person (id, name, row_hash) VALUES (gen_random_uuid(), 'From before', 'x') RETURNING id`,
    );
    const [first, second] = [randomUUID(), randomUUID()].sort();
    await database.rows(
      `INSERT INTO photo (id, person_id, file_name, jpeg, event_id) VALUES (gen_random_uuid(), $1, 'x', '', $2)`,
      [person.id, first],
    );
    for (const eventId of [first, second]) {
      await database.rows(
        `INSERT INTO encoding (id, person_id, event_id, model_id, vector, row_hash)
         VALUES (gen_random_uuid(), $1, $2, 'm', '', 'x')`,
        [person.id, eventId],
      );
    }
    await runMigrations(database.url);
    expect(await database.rows('SELECT person_id, event_id FROM enrolled_event ORDER BY event_id')).toEqual([
      { person_id: person.id, event_id: first },
      { person_id: person.id, event_id: second },
    ]);
  });

  it('can be taken back to nothing', async () => {
    await runMigrations(database.url);
    const dataSource = await new DataSource(dataSourceOptions({ databaseUrl: database.url })).initialize();
    for (const _ of names) await dataSource.undoLastMigration();
    await dataSource.destroy();
    const left = await database.rows(
      `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'S')
       AND relname NOT LIKE 'schema_migration%'`,
    );
    expect(left).toEqual([]);
  });

  it('says database-unavailable when there is none', async () => {
    const gone = new URL(database.url);
    gone.port = '1';
    const error = await runMigrations(gone.href).catch((thrown: unknown) => thrown);
    expect(isLatchkeyError(error, 'database-unavailable')).toBe(true);
  });
});

describe('the entities', () => {
  it('are what the migrations made: every table, column, type and null', async () => {
    await runMigrations(database.url);
    const folder = temporaryFolder();
    const config = readCentralConfig({ LATCHKEY_DATABASE_URL: database.url, LATCHKEY_DATA_DIR: folder.path });
    const clock = { now: () => Date.now(), monotonicMs: () => performance.now() };
    const runtime = { config, logger: pino({ level: 'silent' }), clock, onProgress: () => undefined };
    const app = await NestFactory.createApplicationContext(appModule(runtime), { logger: false });
    const { entityMetadatas } = app.get<DataSource>(getDataSourceToken());
    const mapped = entityMetadatas
      .flatMap(({ tableName, columns }) =>
        columns.map(({ databaseName, type, isNullable, isArray }) => ({
          at: `${tableName}.${databaseName}`,
          type: `${typeof type === 'string' ? type : type.name}${isArray ? '[]' : ''}`,
          nullable: isNullable,
        })),
      )
      .sort((a, b) => a.at.localeCompare(b.at));
    await app.close();
    folder.remove();
    const made = await database.rows<{ at: string; type: string; nullable: boolean }>(
      `SELECT relname || '.' || attname AS at,
              replace(replace(format_type(atttypid, NULL), 'timestamp with time zone', 'timestamptz'), ' (3)', '') AS type,
              NOT attnotnull AS nullable
       FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
       WHERE relname = ANY($1) AND attnum > 0 AND NOT attisdropped AND relnamespace = 'public'::regnamespace`,
      [entityMetadatas.map(({ tableName }) => tableName)],
    );
    const byName = [...made].sort((a, b) => a.at.localeCompare(b.at));
    expect(mapped).toEqual(byName);
    expect(entityMetadatas.length).toBeGreaterThanOrEqual(12);
  });
});
