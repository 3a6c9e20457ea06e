import { realpath } from 'node:fs/promises';
import { LatchkeyError } from '@latchkey/domain';
import pg from 'pg';
import type { ServerSecrets } from './server-secrets.ts';

/** Loopback, the only address on which an embedded server listens. */
export const loopback = '127.0.0.1';
/** The role that `initdb` makes; used for this folder's own checks only. */
export const superuser = 'postgres';
/** Name of the database and of the role that owns it. */
const database = 'latchkey';

/** Address of the database `latchkey` for its owner. */
export function databaseUrl(port: number, { password }: ServerSecrets): string {
  return `postgresql://${database}:${password}@${loopback}:${port}/${database}`;
}

/** Whether what listens on `port` is the server of this data directory and takes our password. */
export async function answersAsOurs(port: number, pgData: string, secrets: ServerSecrets): Promise<boolean> {
  try {
    return await asSuperuser(port, secrets, async (client) => {
      const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
      return (await realpath(rows[0]?.data_directory ?? '')) === (await realpath(pgData));
    });
  } catch {
    return false;
  }
}

/** Makes the role `latchkey` (its password is set anew each time: `server.json` decides) and its database. */
export async function prepareDatabase(port: number, secrets: ServerSecrets): Promise<void> {
  await asSuperuser(port, secrets, async (client) => {
    const role = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [database]);
    const verb = role.rowCount === 0 ? 'CREATE' : 'ALTER';
    await client.query(`${verb} ROLE ${database} LOGIN CREATEDB PASSWORD ${client.escapeLiteral(secrets.password)}`);
    const existing = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
    if (existing.rowCount === 0) await client.query(`CREATE DATABASE ${database} OWNER ${database}`);
  }).catch((cause) => {
    throw new LatchkeyError('database-unavailable', `The database "${database}" could not be made: ${cause.message}`, {
      cause,
    });
  });
}

async function asSuperuser<T>(
  port: number,
  secrets: ServerSecrets,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    host: loopback,
    port,
    user: superuser,
    password: secrets.superuserPassword,
    database: 'postgres',
    connectionTimeoutMillis: 5_000,
  });
  // A connection that breaks fails its query; without a listener it would end the process as well.
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
