import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Central, runMigrations } from '@latchkey/central';
import {
  BatchQueue,
  BatchWriter,
  Database,
  dataSourceOptions,
  type IncomingEvent,
  IngestRepository,
  readIncoming,
} from '@latchkey/central/measured';
import { type AgentIdentity, agentIdentity, eventEnvelope, loginResponse, parseJson } from '@latchkey/contracts';
import { EmbeddedPostgres } from '@latchkey/embedded';
import pg from 'pg';
import pino from 'pino';
import { DataSource } from 'typeorm';
import { copyIn } from './copy-in.ts';
import { type Figure, figureOf } from './figure.ts';
import type { FleetOrder, FleetResult } from './ingest-devices.ts';
import { benchEvents } from './ingest-events.ts';

const batchRows = 500;
const events = 8000;
const rounds = 4;
const devices = 20;

/**
 * Events a second into the log, beside what Postgres takes at best in the same run: COPY of ready bytes in transactions of 500
 * rows into a table with the same columns and indexes. Everything (Postgres, broker, devices) shares this machine.
 *
 * - `ingest.function`: our SQL function, one batch after another, from ready rows.
 * - `ingest.pipeline`: from the bytes of messages through validation, hashing, queue and function.
 * - `ingest.mqtt`: from devices' publishes over the embedded broker to their signed acknowledgements.
 */
export async function measureIngest(): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-bench-'));
  const server = new EmbeddedPostgres({ dataDir: join(folder, 'postgres'), port: 0 });
  try {
    const { url } = await server.start();
    await runMigrations(url);
    const central = await startCentral(url, join(folder, 'central'));
    const fleet = new Worker(new URL('./ingest-devices.js', import.meta.url));
    try {
      const identities = await register(`${central.httpUrl}/api`, join(folder, 'central'));
      const best = { limit: 0, function: 0, pipeline: 0, mqtt: 0 };
      // In turn, so that a busy moment of the machine does not fall on one of them alone.
      for (let round = 0; round < rounds; round++) {
        best.limit = Math.max(best.limit, await copyRate(url));
        best.function = Math.max(best.function, await functionRate(url));
        best.pipeline = Math.max(best.pipeline, await pipelineRate(url));
        best.mqtt = Math.max(best.mqtt, await mqttRate(fleet, identities));
      }
      return (['function', 'pipeline', 'mqtt'] as const).flatMap((part) => figures(part, best[part], best.limit));
    } finally {
      await fleet.terminate();
      await central.stop();
    }
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Shares of the limit. DESIGN.md §6 has 0.25–0.29 for a prototype of one table whose publisher and broker were processes of
 * their own; here broker and central share one thread, and the table has the indexes of the log.
 */
const goals = { function: 0.4, pipeline: 0.2, mqtt: 0.1 };

function figures(part: keyof typeof goals, eventsPerSecond: number, limit: number): Figure[] {
  const peer = { name: 'COPY in transactions of 500 rows', value: Math.round(limit) };
  return [
    figureOf({
      id: `ingest.${part}`,
      value: Math.round(eventsPerSecond),
      unit: 'events/s',
      // A site of 100 doors with an event a second each, tenfold.
      goal: 1000,
      higherIsBetter: true,
      peer,
    }),
    figureOf({
      id: `ingest.${part}.of-limit`,
      value: eventsPerSecond / limit,
      unit: 'of the limit',
      goal: goals[part],
      higherIsBetter: true,
      peer: { name: peer.name, value: 1 },
    }),
  ];
}

/** Messages of several devices, as they would come: one of each in turn. */
function messages(): { deviceId: string; bytes: Buffer }[] {
  const each = Array.from({ length: devices }, () => benchEvents(events / devices));
  return Array.from({ length: events }, (_, i) => ({
    deviceId: `bench-${i % devices}`,
    bytes: Buffer.from(each[i % devices]?.[Math.floor(i / devices)] ?? ''),
  }));
}

function incoming({ deviceId, bytes }: { deviceId: string; bytes: Buffer }): IncomingEvent {
  const envelope = eventEnvelope.parse(parseJson('event', bytes));
  return readIncoming(envelope, { siteId: 'main', deviceId, raw: bytes });
}

async function makeDevices(client: pg.Client): Promise<void> {
  await client.query(
    `INSERT INTO device (id, site_id, name, password_hash, door)
     SELECT 'bench-' || i, 'main', 'bench', '', '{}' FROM generate_series(0, $1::int - 1) AS i ON CONFLICT DO NOTHING`,
    [devices],
  );
}

async function connected<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function perSecond(count: number, fromMs: number): number {
  return (count * 1000) / (performance.now() - fromMs);
}

async function copyRate(url: string): Promise<number> {
  return connected(url, async (client) => {
    await client.query('DROP TABLE IF EXISTS event_copy');
    await client.query('CREATE TABLE event_copy (LIKE event INCLUDING ALL)');
    let position = 0;
    const batches = chunks(messages(), batchRows).map((chunk) =>
      Buffer.from(chunk.map((message) => copyRow(incoming(message), ++position)).join('')),
    );
    const statement = `COPY event_copy (position, received_at, id, stream_id, seq, kind, site_id, device_id, occurred_at,
      clock_offset_ms, clock_trusted, person_id, decision, body_hash, body, has_thumbnail) FROM STDIN`;
    const started = performance.now();
    for (const batch of batches) await copyIn(client, statement, batch);
    const result = perSecond(events, started);
    await client.query('DROP TABLE event_copy');
    return result;
  });
}

function copyRow({ envelope, siteId, deviceId, decision, body }: IncomingEvent, position: number): string {
  const columns = [
    position,
    new Date().toISOString(),
    envelope.id,
    envelope.streamId,
    envelope.seq,
    envelope.kind,
    siteId,
    deviceId,
    envelope.occurredAt,
    envelope.clockOffsetMs,
    't',
    '\\N',
    decision,
    `\\\\x${envelope.bodyHash}`,
    (body ?? '').replaceAll('\\', '\\\\'),
    'f',
  ];
  return `${columns.join('\t')}\n`;
}

async function functionRate(url: string): Promise<number> {
  return withRepository(url, async (repository) => {
    const batches = chunks(messages().map(incoming), batchRows);
    const started = performance.now();
    for (const batch of batches) await repository.write(batch);
    return perSecond(events, started);
  });
}

async function pipelineRate(url: string): Promise<number> {
  return withRepository(url, async (repository) => {
    const given = messages();
    const { signal } = new AbortController();
    const writer = new BatchWriter(repository, (error) => {
      throw error;
    });
    let written = 0;
    const queue = new BatchQueue<IncomingEvent>({
      maxBatch: batchRows,
      maxWaitMs: 5,
      maxQueued: 5000,
      maxQueuedBytes: 32 * 1024 * 1024,
      bytesOf: ({ raw }) => raw.byteLength,
      write: async (batch) => {
        written += (await writer.write(batch, signal)).length;
      },
    });
    queue.start();
    const started = performance.now();
    for (const message of given) await queue.add(incoming(message));
    await queue.stop();
    const result = perSecond(written, started);
    if (written !== events) throw new Error(`${written} of ${events} events were written.`);
    return result;
  });
}

async function withRepository(url: string, work: (repository: IngestRepository) => Promise<number>): Promise<number> {
  await connected(url, makeDevices);
  const dataSource = await new DataSource(dataSourceOptions({ databaseUrl: url })).initialize();
  try {
    return await work(new IngestRepository(new Database(dataSource)));
  } finally {
    await dataSource.destroy();
  }
}

async function startCentral(databaseUrl: string, dataDir: string): Promise<Central> {
  const central = new Central({
    config: {
      databaseUrl,
      mqttUrl: null,
      brokerPort: 0,
      httpHost: '127.0.0.1',
      httpPort: 0,
      dataDir,
      dashboardDir: null,
      siteId: 'main',
      timeZone: 'UTC',
      engine: 'auto',
      engineDir: join(dataDir, 'engines'),
      engineThreads: 1,
      logLevel: 'silent',
      eventRetentionDays: 365,
    },
    logger: pino({ level: 'silent' }),
  });
  await central.start();
  return central;
}

async function mqttRate(fleet: Worker, identities: readonly AgentIdentity[]): Promise<number> {
  fleet.postMessage({ identities, eventsOfEach: events / devices } satisfies FleetOrder);
  const [{ seconds }] = (await once(fleet, 'message')) as [FleetResult];
  return events / seconds;
}

/** Makes the devices as an admin would, with the password that central generated. */
async function register(api: string, dataDir: string): Promise<AgentIdentity[]> {
  const post = async (path: string, body: unknown, token = ''): Promise<unknown> => {
    const response = await fetch(`${api}/${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`POST ${path}: ${response.status}`);
    return response.json();
  };
  const admin: unknown = JSON.parse(await readFile(join(dataDir, 'keys', 'first-admin.json'), 'utf8'));
  const { token } = loginResponse.parse(await post('auth/login', admin));
  const identities: AgentIdentity[] = [];
  for (let i = 0; i < devices; i++) {
    identities.push(agentIdentity.parse(await post('devices', { id: `fleet-${i}`, name: 'bench' }, token)));
  }
  return identities;
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
