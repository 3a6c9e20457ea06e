import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventView } from '@latchkey/contracts';
import { bodyHashOf } from '@latchkey/domain';
import { eventually } from '@latchkey/testing';
import { Client } from 'pg';
import { IngestService } from '../../apps/central/src/ingest/ingest.service.ts';
import { aFace, anEvent, type RawDevice } from './raw-device.ts';
import { RunningCentral } from './running-central.ts';

const running = new RunningCentral();
let device: RawDevice;

beforeAll(async () => {
  await running.start();
  device = await running.connect(await running.makeDevice('door-1'));
});
afterAll(() => running.stop());

/** Numbers of a stream in the log, in the order in which it was received. */
async function logged(streamId: string): Promise<number[]> {
  const rows = await running.database.rows<{ seq: string }>(
    'SELECT seq FROM event WHERE stream_id = $1 ORDER BY position',
    [streamId],
  );
  return rows.map(({ seq }) => Number(seq));
}

async function deadLetters(where: string, ...parameters: readonly unknown[]) {
  return running.database.rows<{
    code: string;
    message: string;
    payload: Buffer;
    settled: boolean;
    seq: string | null;
  }>(`SELECT code, message, payload, settled, seq FROM dead_letter WHERE ${where} ORDER BY id`, parameters);
}

async function highWater(streamId: string): Promise<{ highWater: number; above: number }> {
  const [row] = await running.database.rows<{ high_water: string; above: string }>(
    `SELECT high_water, (SELECT count(*) FROM device_stream_above a WHERE a.stream_id = s.stream_id) AS above
     FROM device_stream s WHERE stream_id = $1`,
    [streamId],
  );
  return { highWater: Number(row?.high_water), above: Number(row?.above) };
}

describe('an event that is right', () => {
  it('is in the log with all that it says before it is acknowledged', async () => {
    const streamId = randomUUID();
    const body = aFace({ reasons: ['too-far', 'low-quality'] });
    const event = anEvent('unknown', body, { streamId, seq: 1 }, { occurredAt: '2026-03-01T10:11:12.345Z' });
    await device.send(event);
    await device.untilCommitted(streamId, 1);

    const view = await running.get<EventView>(`events/${event.id}`);

    expect(view).toMatchObject({
      id: event.id,
      streamId,
      seq: 1,
      kind: 'unknown',
      siteId: 'main',
      deviceId: 'door-1',
      occurredAt: '2026-03-01T10:11:12.345Z',
      clockOffsetMs: 12,
      clockTrusted: true,
      personId: null,
      personName: null,
      distance: 0.83,
      maxDistance: 0.5,
      decision: 'unknown',
      reasons: ['too-far', 'low-quality'],
      quality: 71,
      modelId: 'test-model',
      galleryRevision: 3,
      trackId: body.trackId,
      box: body.box,
      thumbnailUrl: null,
      body: null,
    });
  });

  it('is filed by the time at which central received it, whatever the device says', async () => {
    const streamId = randomUUID();
    const inAMonth = new Date(Date.now() + 32 * 24 * 60 * 60 * 1000).toISOString();
    await device.send(
      anEvent('health', { state: 'started', message: '' }, { streamId, seq: 1 }, { occurredAt: inAMonth }),
      anEvent(
        'health',
        { state: 'started', message: '' },
        { streamId, seq: 2 },
        { occurredAt: '1970-01-01T00:00:00.000Z' },
      ),
    );
    await device.untilCommitted(streamId, 1, 2);

    const partitions = await running.database.rows<{ name: string; expected: string }>(
      `SELECT tableoid::regclass::text AS name, 'event' || to_char(now() AT TIME ZONE 'UTC', '"_y"YYYY"m"MM') AS expected
       FROM event WHERE stream_id = $1`,
      [streamId],
    );
    expect(partitions).toHaveLength(2);
    for (const { name, expected } of partitions) expect(name).toBe(expected);
  });
});

describe('events that come twice, late or not at all', () => {
  it('are in the log once, and acknowledged every time', async () => {
    const streamId = randomUUID();
    const events = [1, 2, 3].map((seq) => anEvent('unknown', aFace(), { streamId, seq }));
    await device.send(...events, ...events);
    await device.untilCommitted(streamId, 1, 2, 3);
    const before = device.acks.length;

    await device.send(...events);
    await eventually('another acknowledgement', () => device.acks.length > before);

    expect(device.acks.at(-1)).toEqual({ streamId, ranges: [[1, 3]], rejected: [], databaseEpoch: 1 });
    expect(await logged(streamId)).toEqual([1, 2, 3]);
  });

  it('are acknowledged by their exact numbers when some are missing, and the gap closes when they come', async () => {
    const streamId = randomUUID();
    const event = (seq: number) => anEvent('unknown', aFace(), { streamId, seq });
    await device.send(event(2), event(5), event(6));
    await device.untilCommitted(streamId, 2, 5, 6);
    expect(device.committed(streamId)).toEqual([2, 5, 6]);
    expect(await highWater(streamId)).toEqual({ highWater: 0, above: 3 });

    await device.send(event(4), event(3), event(1));
    await device.untilCommitted(streamId, 1, 2, 3, 4, 5, 6);

    expect((await logged(streamId)).sort()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await highWater(streamId)).toEqual({ highWater: 6, above: 0 });
  });

  it('leave no gap for ever when the outbox says what it dropped, of this stream and of older ones', async () => {
    const [older, newer] = [randomUUID(), randomUUID()];
    await device.send(anEvent('unknown', aFace(), { streamId: older, seq: 4 }));
    await device.send(anEvent('unknown', aFace(), { streamId: newer, seq: 1 }));
    const body = {
      from: 1,
      to: 5,
      count: 6,
      streams: [
        {
          streamId: older,
          ranges: [
            [1, 3],
            [5, 5],
          ],
        },
        { streamId: newer, ranges: [[2, 3]] },
      ],
    };
    await device.send(anEvent('dropped', body, { streamId: newer, seq: 4 }));
    await device.untilCommitted(newer, 1, 4);

    expect(await highWater(older)).toEqual({ highWater: 5, above: 0 });
    expect(await highWater(newer)).toEqual({ highWater: 4, above: 0 });
    expect(await logged(newer)).toEqual([1, 4]);
  });
});

describe('an event that is not right', () => {
  it('with a bad body is kept as a dead letter, rejected, and blocks no other', async () => {
    const streamId = randomUUID();
    const bad = anEvent('unknown', { ...aFace(), distance: 'far' }, { streamId, seq: 2 });
    await device.send(
      anEvent('unknown', aFace(), { streamId, seq: 1 }),
      bad,
      anEvent('unknown', aFace(), { streamId, seq: 3 }),
    );
    await device.untilCommitted(streamId, 1, 3);

    expect(await device.untilRejected(streamId, 2)).toBe('invalid-payload');
    expect(device.committed(streamId)).toEqual([1, 3]);
    expect(await logged(streamId)).toEqual([1, 3]);
    const [letter] = await deadLetters('stream_id = $1', streamId);
    expect(letter).toMatchObject({ code: 'invalid-payload', settled: true, seq: '2' });
    expect(letter?.message).toContain('distance');
    expect(JSON.parse(letter?.payload.toString() ?? '')).toEqual(bad);
    expect(await highWater(streamId)).toEqual({ highWater: 3, above: 0 });
  });

  it('is rejected again when it comes again, and kept once', async () => {
    const streamId = randomUUID();
    const bad = anEvent('door', { action: 'flew-away' }, { streamId, seq: 1 });
    await device.send(bad);
    await device.untilRejected(streamId, 1);
    const before = device.acks.length;
    await device.send(bad);
    await eventually('another acknowledgement', () => device.acks.length > before);

    expect(device.acks.at(-1)).toMatchObject({ ranges: [], rejected: [{ seq: 1, code: 'invalid-payload' }] });
    expect(await deadLetters('stream_id = $1', streamId)).toHaveLength(1);
  });

  it.each([
    ['a NUL character', { state: 'started', message: 'a\u0000b' }],
    ['half a surrogate pair', { state: 'started', message: '\ud800' }],
  ])('with %s, which Postgres cannot store, is rejected', async (_, body) => {
    const streamId = randomUUID();
    const event = anEvent('health', { ...body, message: '' }, { streamId, seq: 1 });
    // No hash can be made of half a pair.
    await device.send(
      !body.message.includes('\ud800') ? anEvent('health', body, { streamId, seq: 1 }) : { ...event, body },
    );
    await device.untilRejected(streamId, 1);
    expect(await logged(streamId)).toEqual([]);
  });

  it('with an impossible date that the contract lets pass is rejected, and its batch is not', async () => {
    const streamId = randomUUID();
    await device.send(
      anEvent('unknown', aFace(), { streamId, seq: 1 }),
      anEvent('unknown', aFace(), { streamId, seq: 2 }, { occurredAt: '0000-01-01T00:00:00.000Z' }),
      anEvent('unknown', aFace(), { streamId, seq: 3 }),
    );
    await device.untilCommitted(streamId, 1, 3);
    expect(await device.untilRejected(streamId, 2)).toBe('invalid-payload');
  });

  it('with a body that its hash does not name is rejected and told to the operator', async () => {
    const streamId = randomUUID();
    await device.send(anEvent('unknown', aFace(), { streamId, seq: 1 }, { bodyHash: bodyHashOf('something else') }));
    expect(await device.untilRejected(streamId, 1)).toBe('body-hash-mismatch');

    const { items } = await running.get<{ items: EventView[] }>('events?kind=tamper&deviceId=door-1&limit=1');
    expect(items[0]?.body).toMatchObject({ what: 'body-hash-mismatch' });
  });

  it('with a number that another event has is rejected, told to the operator once, and changes nothing', async () => {
    const streamId = randomUUID();
    const original = anEvent('unknown', aFace(), { streamId, seq: 1 });
    const forged = anEvent('unknown', aFace({ distance: 0.01 }), { streamId, seq: 1 });
    await device.send(original);
    await device.untilCommitted(streamId, 1);
    await device.send(forged);
    expect(await device.untilRejected(streamId, 1)).toBe('sequence-reused');
    const before = device.acks.length;
    await device.send(forged);
    await eventually('another acknowledgement', () => device.acks.length > before);

    expect(await logged(streamId)).toEqual([1]);
    expect((await running.get<EventView>(`events/${original.id}`)).distance).toBe(0.83);
    const told = await running.database.rows(
      `SELECT FROM event WHERE kind = 'tamper' AND body ->> 'message' LIKE '%' || $1 || '%'`,
      [streamId],
    );
    expect(told).toHaveLength(1);
    expect(await deadLetters('stream_id = $1', streamId)).toMatchObject([{ code: 'sequence-reused', settled: false }]);
  });

  it('in the stream of another device is rejected there and leaves the stream alone', async () => {
    const streamId = randomUUID();
    const thief = await running.connect(await running.makeDevice('door-thief'));
    await device.send(anEvent('unknown', aFace(), { streamId, seq: 1 }));
    await device.untilCommitted(streamId, 1);

    await thief.send(anEvent('unknown', aFace(), { streamId, seq: 2 }));
    expect(await thief.untilRejected(streamId, 2)).toBe('foreign-stream');
    await device.send(anEvent('unknown', aFace(), { streamId, seq: 2 }));
    await device.untilCommitted(streamId, 1, 2);

    expect(await logged(streamId)).toEqual([1, 2]);
  });

  it('without a valid envelope is kept as a dead letter and acknowledged to nobody', async () => {
    const before = device.acks.length;
    await device.publish('health', '{"seq":');
    await device.publish('health', Buffer.from([0xff, 0xfe, 0x00]));
    const streamId = randomUUID();
    await device.send(anEvent('unknown', aFace(), { streamId, seq: 0 }));
    const letters = await eventually('dead letters', async () => {
      const found = await deadLetters(`stream_id IS NULL AND device_id = 'door-1'`);
      return found.length >= 3 && found;
    });
    expect(letters.map(({ code }) => code)).toEqual(['invalid-payload', 'invalid-payload', 'invalid-payload']);

    await device.send(anEvent('unknown', aFace(), { streamId, seq: 1 }));
    await device.untilCommitted(streamId, 1);
    expect(device.acks.length).toBe(before + 1);
  });

  it('larger than central takes is rejected', async () => {
    const streamId = randomUUID();
    const body = { state: 'started', message: 'x'.repeat(300_000) };
    await device.send(anEvent('health', body, { streamId, seq: 1 }));
    expect(await device.untilRejected(streamId, 1)).toBe('invalid-payload');
    const [letter] = await deadLetters('stream_id = $1', streamId);
    expect(letter?.payload.length).toBe(64 * 1024);
  });
});

describe('pictures', () => {
  const jpeg = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(2000, 7)]);

  it('are kept beside their event and served as JPEG', async () => {
    const streamId = randomUUID();
    const event = anEvent('unknown', aFace(), { streamId, seq: 1 }, { thumbnail: jpeg.toString('base64') });
    await device.send(event);
    await device.untilCommitted(streamId, 1);

    const view = await running.get<EventView>(`events/${event.id}`);
    expect(view.thumbnailUrl).toBe(`/api/events/${event.id}/thumbnail`);
    const response = await running.call('GET', `events/${event.id}/thumbnail`);
    expect(response.headers.get('content-type')).toBe('image/jpeg');
    expect(Buffer.from(await response.arrayBuffer())).toEqual(jpeg);
  });

  it('that are no JPEG are left out, and the event is kept', async () => {
    const streamId = randomUUID();
    const event = anEvent(
      'unknown',
      aFace(),
      { streamId, seq: 1 },
      { thumbnail: Buffer.from('<svg>').toString('base64') },
    );
    await device.send(event);
    await device.untilCommitted(streamId, 1);
    expect((await running.get<EventView>(`events/${event.id}`)).thumbnailUrl).toBeNull();
    expect((await running.call('GET', `events/${event.id}/thumbnail`)).status).toBe(404);
  });

  it('of somebody who is no longer enrolled are not taken any more', async () => {
    const streamId = randomUUID();
    const personId = randomUUID();
    const body = aFace({ personId, decision: 'granted', reasons: ['matched'], distance: 0.3 });
    const event = anEvent('verification', body, { streamId, seq: 1 }, { thumbnail: jpeg.toString('base64') });
    await device.send(event);
    await device.untilCommitted(streamId, 1);
    expect(await running.get<EventView>(`events/${event.id}`)).toMatchObject({
      personId,
      personName: null,
      decision: 'granted',
      thumbnailUrl: null,
    });
  });
});

describe('an event about somebody who is being erased', () => {
  const thumbnail = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]).toString('base64');

  async function aPerson(): Promise<string> {
    const response = await running.call('POST', 'people', { name: 'Ada' });
    return ((await response.json()) as { id: string }).id;
  }

  /** Whether a statement of central that looks so waits for a lock. */
  async function waits(like: string): Promise<boolean> {
    const rows = await running.database.rows(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'latchkey-central'
         AND query LIKE $1 AND wait_event_type = 'Lock'`,
      [like],
    );
    return rows.length > 0;
  }

  async function aConnection(): Promise<Client> {
    const client = new Client({ connectionString: running.database.url });
    await client.connect();
    await client.query('BEGIN');
    return client;
  }

  /** An event with a picture that names a person. */
  const aGrant = (personId: string) =>
    anEvent(
      'verification',
      aFace({ personId, decision: 'granted', reasons: ['matched'] }),
      { streamId: randomUUID(), seq: 1 },
      { thumbnail },
    );

  const pictures = (eventId: string) =>
    running.database.rows('SELECT FROM event_thumbnail WHERE event_id = $1', [eventId]);

  it('is written without the picture when the erasure began first', async () => {
    const personId = await aPerson();
    const late = await aConnection();
    await late.query('LOCK TABLE erasure_ledger IN ACCESS EXCLUSIVE MODE');
    const erased = running.call('DELETE', `people/${personId}`);
    await eventually('the erasure has deleted the person and waits', () => waits('%erasure_ledger%'));

    const event = aGrant(personId);
    await device.send(event);
    const isLogged = () => running.database.rows('SELECT FROM event WHERE id = $1', [event.id]);
    await eventually('the event is written or waits', async () => {
      return (await waits('%ingest_events%')) || (await isLogged()).length > 0;
    });
    await late.query('COMMIT');
    await late.end();
    expect((await erased).status).toBe(204);
    await device.untilCommitted(event.streamId, 1);
    expect(await isLogged()).toHaveLength(1);
    expect(await pictures(event.id)).toEqual([]);
  });

  it('is stripped by the erasure when its batch began first', async () => {
    const personId = await aPerson();
    const eventId = randomUUID();
    const batch = await aConnection();
    await batch.query(
      `SELECT FROM ingest_events(ARRAY['main'], ARRAY['door-1'], ARRAY[gen_random_uuid()], ARRAY[1], ARRAY[$1]::uuid[],
        ARRAY['verification'], ARRAY[now()], ARRAY[0], ARRAY[true], ARRAY['\\x00']::bytea[], ARRAY[$2]::uuid[],
        ARRAY['granted'], ARRAY['{}']::jsonb[], ARRAY['\\xff']::bytea[], ARRAY[NULL]::text[], ARRAY[NULL]::text[],
        ARRAY[NULL]::bytea[], '{}', '{}', '{}', '{}')`,
      [eventId, personId],
    );
    let answered = false;
    const erased = running.call('DELETE', `people/${personId}`).finally(() => {
      answered = true;
    });
    await eventually('the erasure is done or waits', async () => answered || (await waits('%FOR UPDATE')));
    await batch.query('COMMIT');
    await batch.end();
    expect((await erased).status).toBe(204);
    expect(await running.database.rows('SELECT FROM event WHERE id = $1', [eventId])).toHaveLength(1);
    expect(await pictures(eventId)).toEqual([]);
  });

  it('is written while somebody enrols or renames the person', async () => {
    const personId = await aPerson();
    const group = await aConnection();
    await group.query(`SELECT FROM gallery_group WHERE id = 'everyone' FOR UPDATE`);
    const renamed = running.call('PATCH', `people/${personId}`, { name: 'Ada L.' });
    await eventually('the change holds the person and waits for the group', () => waits('%gallery_group%'));
    const event = aGrant(personId);
    await device.send(event);
    await device.untilCommitted(event.streamId, 1);
    expect(await pictures(event.id)).toHaveLength(1);
    await group.query('ROLLBACK');
    await group.end();
    expect((await renamed).status).toBe(200);
  });
});

describe('when the database fails', () => {
  it('nothing is lost and nothing doubled though its connections are cut again and again', async () => {
    const streamId = randomUUID();
    const events = Array.from({ length: 600 }, (_, i) => anEvent('unknown', aFace(), { streamId, seq: i + 1 }));
    let cutting = true;
    const cuts = (async () => {
      for (let cut = 0; cutting && cut < 200; cut++) {
        await running.database.rows(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE application_name = 'latchkey-central' AND datname = current_database() AND query LIKE '%ingest_events%'`,
        );
      }
    })();
    for (let i = 0; i < events.length; i += 60) await device.send(...events.slice(i, i + 60));
    await device.untilCommitted(streamId, ...events.map(({ seq }) => seq));
    cutting = false;
    await cuts;

    expect(await logged(streamId)).toHaveLength(600);
    expect(await highWater(streamId)).toEqual({ highWater: 600, above: 0 });
  });

  it('a batch whose connection is cut in the middle is written again', async () => {
    const streamId = randomUUID();
    const blocker = new Client({ connectionString: running.database.url });
    await blocker.connect();
    await blocker.query('BEGIN');
    await blocker.query('LOCK TABLE event IN ACCESS EXCLUSIVE MODE');
    await device.send(...[1, 2, 3].map((seq) => anEvent('unknown', aFace(), { streamId, seq })));
    await eventually('a batch that waits for the lock', async () => {
      const cut = await running.database.rows(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND query LIKE '%ingest_events%' AND wait_event_type = 'Lock'`,
      );
      return cut.length > 0;
    });
    expect(device.committed(streamId)).toEqual([]);
    await blocker.query('COMMIT');
    await blocker.end();

    await device.untilCommitted(streamId, 1, 2, 3);
    expect(await logged(streamId)).toEqual([1, 2, 3]);
  });

  it('nothing is acknowledged while the log cannot be written, and everything is once it can', async () => {
    const streamId = randomUUID();
    await running.database.rows('ALTER TABLE device_stream RENAME TO device_stream_away');
    await device.send(anEvent('unknown', aFace(), { streamId, seq: 1 }));
    await eventually('a failed write', () => running.central.app.get(IngestService).figures.failures > 0);
    expect(device.committed(streamId)).toEqual([]);
    await running.database.rows('ALTER TABLE device_stream_away RENAME TO device_stream');
    await device.untilCommitted(streamId, 1);
    expect(await logged(streamId)).toEqual([1]);
  });

  it('acknowledgements after a restore under a running central carry the epoch of the restored database', async () => {
    const streamId = randomUUID();
    await device.send(anEvent('unknown', aFace(), { streamId, seq: 1 }));
    await device.untilCommitted(streamId, 1);
    const [before] = device.acks.filter((ack) => ack.streamId === streamId);
    if (!before) throw new Error('no acknowledgement');

    await running.database.rows('UPDATE central_meta SET database_epoch = database_epoch + 1');
    await device.send(anEvent('unknown', aFace(), { streamId, seq: 1 }));
    await device.send(anEvent('unknown', aFace(), { streamId, seq: 2 }));
    await device.untilCommitted(streamId, 2);

    const after = device.acks.findLast((ack) => ack.streamId === streamId);
    expect(after?.databaseEpoch).toBe(before.databaseEpoch + 1);
  });

  it('a missing partition is made', async () => {
    const [{ name } = { name: '' }] = await running.database.rows<{ name: string }>(
      `SELECT 'event_thumbnail' || to_char(now() AT TIME ZONE 'UTC', '"_y"YYYY"m"MM') AS name`,
    );
    await running.database.rows(`DROP TABLE ${name}`);
    const streamId = randomUUID();
    const thumbnail = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]).toString('base64');
    await device.send(anEvent('unknown', aFace(), { streamId, seq: 1 }, { thumbnail }));
    await device.untilCommitted(streamId, 1);
    expect(await running.database.rows(`SELECT FROM ${name}`)).toHaveLength(1);
  });
});

it('acknowledges what it took before it stops, and remembers everything at its next start', async () => {
  const identity = await running.makeDevice('door-restart');
  const streamId = randomUUID();
  const events = Array.from({ length: 50 }, (_, i) => anEvent('unknown', aFace(), { streamId, seq: i + 1 }));
  const before = await running.connect(identity);
  await before.send(...events);
  await running.stopCentral();
  await before.stop();

  await running.startCentral();
  const provisioned = (await running.get<{ items: { id: string }[] }>('devices')).items.map(({ id }) => id);
  expect(provisioned).toContain('door-restart');
  const mqtt = { ...identity.mqtt, url: running.mqttUrl };
  const after = await running.connect({ ...identity, mqtt });
  await after.send(...events);
  await after.untilCommitted(streamId, ...events.map(({ seq }) => seq));
  expect(await logged(streamId)).toEqual(events.map(({ seq }) => seq));
});
