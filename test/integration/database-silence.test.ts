import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type RelayedPair, TcpRelay, TestDatabase } from '@latchkey/testing';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../../apps/central/src/database/data-source.ts';
import { Database } from '../../apps/central/src/database/database.ts';

/** Always its own, because the line leads to loopback. */
const server = new TestDatabase(null);
/** Connections that stay open and swallow every byte, as behind a router that has forgotten them. */
const silent = new Set<RelayedPair>();
const line = new TcpRelay(
  () => Number(new URL(server.url).port),
  (pair) => {
    const { near, far } = pair;
    near.on('data', (bytes) => silent.has(pair) || far.write(bytes));
    far.on('data', (bytes) => silent.has(pair) || near.write(bytes));
  },
);
let dataSource: DataSource;
let database: Database;

beforeAll(async () => {
  await server.start();
  await line.start();
});
afterAll(async () => {
  await line.stop();
  await server.stop();
});
beforeEach(async () => {
  const url = new URL(server.url);
  url.port = new URL(line.url).port;
  const options = dataSourceOptions({ databaseUrl: url.href, poolSize: 1, queryTimeoutMs: 500 });
  dataSource = await new DataSource(options).initialize();
  database = new Database(dataSource);
});
afterEach(() => dataSource.destroy());

function silenceAll(): void {
  for (const pair of line.pairs) silent.add(pair);
}

describe('a server that is gone without a word', () => {
  it('costs one statement: the next one has another connection', async () => {
    await database.rows('SELECT');
    silenceAll();
    await expect(database.rows('SELECT')).rejects.toMatchObject({ code: 'database-unavailable' });
    expect(await database.rows('SELECT 7 AS answer')).toEqual([{ answer: 7 }]);
  });

  it('costs one transaction, at whatever statement it falls silent', async () => {
    const broken = database.transaction(async (sql) => {
      await sql.rows('SELECT');
      silenceAll();
      await sql.rows('SELECT');
    });
    await expect(broken).rejects.toMatchObject({ code: 'database-unavailable' });
    expect(await database.transaction((sql) => sql.rows('SELECT 7 AS answer'))).toEqual([{ answer: 7 }]);
  });
});
