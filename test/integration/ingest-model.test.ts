import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { runMigrations } from '@latchkey/central';
import { TestDatabase } from '@latchkey/testing';
import fc from 'fast-check';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../../apps/central/src/database/data-source.ts';
import { Database } from '../../apps/central/src/database/database.ts';
import { BatchWriter } from '../../apps/central/src/ingest/batch-writer.ts';
import { type IncomingEvent, readIncoming } from '../../apps/central/src/ingest/incoming-event.ts';
import { IngestRepository, type Outcome } from '../../apps/central/src/ingest/ingest.repository.ts';
import { anEvent } from './raw-device.ts';

const server = new TestDatabase();
let dataSource: DataSource;
let repository: IngestRepository;

beforeAll(async () => {
  await server.start();
  await runMigrations(server.url);
  dataSource = await new DataSource(dataSourceOptions({ databaseUrl: server.url })).initialize();
  repository = new IngestRepository(new Database(dataSource));
  await server.rows(`INSERT INTO device (id, site_id, name, password_hash, door)
    SELECT d, 'main', d, '', '{}' FROM unnest(ARRAY['a', 'b']) AS d`);
});
afterAll(async () => {
  await dataSource.destroy();
  await server.stop();
});

/** What a test sends: streams and bodies by number, so that shrunk counterexamples can be read. */
interface Sent {
  readonly device: 'a' | 'b' | 'nobody';
  readonly stream: number;
  readonly seq: number;
  readonly version: number;
  readonly bad: boolean;
  /** Numbers of the same stream that it declares as dropped. */
  readonly drops: readonly [number, number] | null;
}

/** What became of an event, as text: `new`, `again`, `nobody` or a code of rejection. */
function told(outcome: Outcome | undefined): string {
  if (outcome?.type === 'committed') return outcome.isNew ? 'new' : 'again';
  return outcome?.type === 'rejected' ? outcome.code : 'nobody';
}

/** A page that says what the function of the migration must do. */
class Model {
  readonly #owners = new Map<number, string>();
  readonly #settled = new Map<string, { readonly version: number; readonly code: string | null }>();
  readonly #dropped: { readonly stream: number; readonly from: number; readonly to: number }[] = [];

  /**
   * What must become of an event. A number that its device declared as dropped may be taken or not: it is lost anyhow, says the
   * device; then what became of it is `actual`.
   */
  receive({ device, stream, seq, version, bad, drops }: Sent, actual: string): string {
    if (device === 'nobody') return 'nobody';
    const owner = this.#owners.get(stream) ?? device;
    this.#owners.set(stream, owner);
    if (owner !== device) return 'foreign-stream';
    const key = `${stream}/${seq}`;
    const settled = this.#settled.get(key);
    if (!settled && this.#isDropped(stream, seq) && actual === 'again') return actual;
    if (settled && settled.version !== version) return 'sequence-reused';
    if (settled) return settled.code ?? 'again';
    const code = bad ? 'invalid-payload' : null;
    this.#settled.set(key, { version, code });
    if (drops) this.#dropped.push({ stream, from: drops[0], to: drops[1] });
    return code ?? 'new';
  }

  /** Streams that have begun. */
  get streams(): number[] {
    return [...this.#owners.keys()];
  }

  /** Numbers of a stream that must be in the log. */
  logged(stream: number): number[] {
    const theirs = [...this.#settled].filter(([key, { code }]) => key.startsWith(`${stream}/`) && code === null);
    return theirs.map(([key]) => Number(key.split('/')[1])).sort((x, y) => x - y);
  }

  /** Everything up to it is settled or dropped. */
  highWater(stream: number): number {
    for (let mark = 0; ; mark++) {
      if (!this.#settled.has(`${stream}/${mark + 1}`) && !this.#isDropped(stream, mark + 1)) return mark;
    }
  }

  #isDropped(stream: number, seq: number): boolean {
    return this.#dropped.some((range) => range.stream === stream && range.from <= seq && seq <= range.to);
  }
}

function bodyOf({ version, drops }: Sent): unknown {
  if (drops) return { from: drops[0], to: drops[1], count: drops[1] - drops[0] + 1 };
  return { state: 'started', message: `version ${version}` };
}

function incoming(sent: Sent, streamIds: readonly string[]): IncomingEvent {
  const body = bodyOf(sent);
  const kind = sent.drops ? 'dropped' : 'health';
  const place = { streamId: streamIds[sent.stream] ?? '', seq: sent.seq };
  const event = anEvent(kind, body, place);
  const good = readIncoming(event, { siteId: 'main', deviceId: sent.device, raw: Buffer.from(JSON.stringify(event)) });
  return sent.bad ? { ...good, body: null, rejection: { code: 'invalid-payload', message: 'so says the test' } } : good;
}

const sent: fc.Arbitrary<Sent> = fc
  .record({
    device: fc.constantFrom('a', 'a', 'a', 'b', 'nobody' as const),
    stream: fc.nat({ max: 2 }),
    seq: fc.integer({ min: 1, max: 12 }),
    version: fc.constantFrom(1, 1, 1, 2),
    bad: fc.constantFrom(false, false, false, true),
    drops: fc.option(fc.tuple(fc.integer({ min: 1, max: 6 }), fc.nat({ max: 4 })), { freq: 8 }),
  })
  .map(({ drops, ...rest }) => ({
    ...rest,
    device: rest.device as Sent['device'],
    drops: drops ? ([drops[0], drops[0] + drops[1]] as const) : null,
  }))
  // The body of a drop says nothing else, so its version is what it drops.
  .map((one) => (one.drops ? { ...one, version: 100 + one.drops[0] * 100 + one.drops[1], bad: false } : one));

interface StreamRow {
  readonly high_water: string;
  readonly above: string;
  readonly logged: string[];
}

it('agrees with a simple model whatever devices send, in whatever batches', async () => {
  const batches = fc.array(fc.array(sent, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(batches, async (given) => {
      const model = new Model();
      const streamIds = [randomUUID(), randomUUID(), randomUUID()];
      for (const batch of given) {
        const { outcomes } = await repository.write(batch.map((one) => incoming(one, streamIds)));
        for (const [i, one] of batch.entries()) {
          const actual = told(outcomes[i]);
          expect(actual).toBe(model.receive(one, actual));
        }
      }
      for (const stream of model.streams) {
        const [row] = await server.rows<StreamRow>(
          `SELECT high_water, (SELECT count(*) FROM device_stream_above a WHERE a.stream_id = s.stream_id AND a.through <= s.high_water) AS above,
             ARRAY(SELECT seq FROM event e WHERE e.stream_id = s.stream_id ORDER BY seq) AS logged
           FROM device_stream s WHERE stream_id = $1`,
          [streamIds[stream]],
        );
        expect(row?.logged.map(Number)).toEqual(model.logged(stream));
        expect(Number(row?.high_water)).toBe(model.highWater(stream));
        expect(Number(row?.above)).toBe(0);
      }
    }),
    { numRuns: 60 },
  );
});

it('does not lose or double anything when two writers bring many streams in opposite orders', async () => {
  const streamIds = Array.from({ length: 40 }, () => randomUUID()).sort();
  const failures: unknown[] = [];
  const writer = new BatchWriter(repository, (error) => failures.push(error));
  const { signal } = new AbortController();
  const rounds = 30;
  const bring = async (order: readonly string[]): Promise<void> => {
    for (let seq = 1; seq <= rounds; seq++) {
      const events = order.map((_, stream) =>
        incoming({ device: 'a', stream, seq, version: 1, bad: false, drops: null }, order),
      );
      await writer.write(events, signal);
    }
  };

  await Promise.all([bring(streamIds), bring([...streamIds].reverse())]);

  expect(failures).toEqual([]);
  const [counted] = await server.rows<{ rows: string; different: string; marks: string }>(
    `SELECT count(*) AS rows, count(DISTINCT (stream_id, seq)) AS different,
       (SELECT count(*) FROM device_stream WHERE stream_id = ANY($1) AND high_water = $2) AS marks
     FROM event WHERE stream_id = ANY($1)`,
    [streamIds, rounds],
  );
  const expected = String(streamIds.length * rounds);
  expect(counted).toEqual({ rows: expected, different: expected, marks: String(streamIds.length) });
});
