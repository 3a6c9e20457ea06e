import { randomBytes } from 'node:crypto';
import { readTestConfig } from '@latchkey/config';
import { EmbeddedPostgres } from '@latchkey/embedded';
import { Client, type QueryResultRow } from 'pg';
import { type TemporaryFolder, temporaryFolder } from './temporary-folder.ts';

/**
 * An empty database for one test file: of the server that `LATCHKEY_TEST_DATABASE_URL` names, else of an embedded Postgres of
 * its own in a temporary folder.
 */
export class TestDatabase {
  readonly #serverUrl: string | null;
  #folder: TemporaryFolder | null = null;
  #server: EmbeddedPostgres | null = null;
  #url: string | null = null;

  /** @param serverUrl Postgres to make the database in; null: an embedded one. */
  constructor(serverUrl: string | null = readTestConfig().databaseUrl) {
    this.#serverUrl = serverUrl;
  }

  /** Address of the database. Throws before {@link start}. */
  get url(): string {
    if (this.#url === null) throw new Error('The test database is not started.');
    return this.#url;
  }

  /** Makes the database; a second call does nothing. */
  async start(): Promise<void> {
    if (this.#url !== null) return;
    if (this.#serverUrl === null) {
      this.#folder = temporaryFolder();
      this.#server = new EmbeddedPostgres({ dataDir: this.#folder.file('postgres'), port: 0 });
      this.#url = (await this.#server.start()).url;
      return;
    }
    const name = `latchkey_test_${randomBytes(6).toString('hex')}`;
    // Not template1: two files that make their databases at once would be in each other's way.
    await query(this.#serverUrl, `CREATE DATABASE ${name} TEMPLATE template0`);
    const url = new URL(this.#serverUrl);
    url.pathname = `/${name}`;
    this.#url = url.href;
  }

  /** Rows of a statement, in a connection of its own. */
  rows<T extends QueryResultRow>(statement: string, parameters: readonly unknown[] = []): Promise<T[]> {
    return query<T>(this.url, statement, parameters);
  }

  /** Removes the database. May be called twice. */
  async stop(): Promise<void> {
    const url = this.#url;
    this.#url = null;
    if (url === null) return;
    if (this.#serverUrl !== null) {
      await query(this.#serverUrl, `DROP DATABASE IF EXISTS ${new URL(url).pathname.slice(1)} WITH (FORCE)`);
    }
    await this.#server?.stop();
    this.#server = null;
    this.#folder?.remove();
    this.#folder = null;
  }
}

async function query<T extends QueryResultRow>(
  url: string,
  statement: string,
  parameters: readonly unknown[] = [],
): Promise<T[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(statement, [...parameters])).rows;
  } finally {
    await client.end();
  }
}
