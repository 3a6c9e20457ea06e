import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventEnvelope, EventView, Role } from '@latchkey/contracts';
import { encodingToBase64, eventView as eventViewSchema } from '@latchkey/contracts';
import { eventually } from '@latchkey/testing';
import { Client } from 'pg';
import { PartitionsService } from '../../apps/central/src/partitions/partitions.service.ts';
import { aFace, anEvent, type RawDevice } from './raw-device.ts';
import { RunningCentral } from './running-central.ts';
import { SseReader } from './sse-reader.ts';

interface Page {
  readonly items: EventView[];
  readonly nextCursor: string | null;
}

const running = new RunningCentral();
const readers: SseReader[] = [];
let device: RawDevice;
let other: RawDevice;

beforeAll(async () => {
  await running.start();
  device = await running.connect(await running.makeDevice('door-1'));
  other = await running.connect(await running.makeDevice('door-2'));
});
afterEach(() => {
  for (const reader of readers.splice(0)) reader.close();
});
afterAll(() => running.stop());

/** Sends events and waits until they are in the log; they get numbers of a stream of their own. */
async function log(by: RawDevice, ...events: readonly EventEnvelope[]): Promise<EventEnvelope[]> {
  const streamId = randomUUID();
  const numbered = events.map((event, i) => ({ ...event, streamId, seq: i + 1 }));
  await by.send(...numbered);
  await by.untilCommitted(streamId, ...numbered.map(({ seq }) => seq));
  return numbered;
}

function strangers(count: number): EventEnvelope[] {
  return Array.from({ length: count }, () => anEvent('unknown', aFace(), { streamId: randomUUID(), seq: 1 }));
}

async function pages(query: string): Promise<EventView[]> {
  const items: EventView[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: Page = await running.get(`events?${query}${cursor === '' ? '' : `&cursor=${cursor}`}`);
    items.push(...page.items);
    cursor = page.nextCursor;
  }
  return items;
}

async function watch(query = '', headers: Record<string, string> = {}): Promise<SseReader> {
  const reader = await SseReader.connect(`${running.central.httpUrl}/api/events/stream${query}`, {
    Authorization: `Bearer ${running.token}`,
    ...headers,
  });
  readers.push(reader);
  return reader;
}

async function untilSeen(reader: SseReader, events: readonly EventEnvelope[]): Promise<string[]> {
  const wanted = new Set(events.map(({ id }) => id));
  return eventually('the events on the stream', () => {
    const seen = reader.messages<EventView>().map(({ id }) => id);
    return [...wanted].every((id) => seen.includes(id)) && seen;
  });
}

describe('the list', () => {
  it('is newest first, and its items are of the contract', async () => {
    const events = await log(device, ...strangers(3));
    const { items } = await running.get<Page>('events?limit=3');
    expect(items.map(({ id }) => id)).toEqual(events.map(({ id }) => id).reverse());
    for (const item of items) expect(eventViewSchema.parse(item)).toEqual(item);
  });

  it('neither repeats nor skips anything while new events come in between pages', async () => {
    const events = await log(device, ...strangers(25));
    const seen: string[] = [];
    let cursor = '';
    for (let page = 0; page < 5; page++) {
      const { items, nextCursor } = await running.get<Page>(`events?limit=5${cursor && `&cursor=${cursor}`}`);
      seen.push(...items.map(({ id }) => id));
      cursor = nextCursor ?? '';
      await log(other, ...strangers(3));
    }
    expect(seen).toEqual(events.map(({ id }) => id).reverse());
  });

  it('ends', async () => {
    const all = await pages('limit=100');
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    const [counted] = await running.database.rows<{ count: string }>('SELECT count(*) FROM event');
    expect(all).toHaveLength(Number(counted?.count));
  });

  it('is filtered by device, kind, decision, person and time, also all at once', async () => {
    const personId = randomUUID();
    const granted = aFace({ personId, decision: 'granted', reasons: ['matched'], distance: 0.2 });
    const day = (text: string) => ({ occurredAt: `2026-02-${text}T12:00:00.000Z` });
    const place = { streamId: '', seq: 1 };
    const [first, second] = await log(
      device,
      anEvent('verification', granted, place, day('01')),
      anEvent('verification', granted, place, day('02')),
      anEvent('unknown', aFace(), place, day('02')),
    );
    const [elsewhere] = await log(other, anEvent('verification', granted, place, day('02')));

    const ids = async (query: string) => (await pages(query)).map(({ id }) => id);
    expect(await ids(`personId=${personId}`)).toEqual([elsewhere?.id, second?.id, first?.id]);
    expect(await ids(`personId=${personId}&deviceId=door-1`)).toEqual([second?.id, first?.id]);
    expect(await ids('kind=verification&decision=granted')).toEqual([elsewhere?.id, second?.id, first?.id]);
    expect(await ids('from=2026-02-01T00:00:00Z&to=2026-02-02T00:00:00Z')).toEqual([first?.id]);
    expect(await ids('from=2026-02-02T12:00:00Z&to=2026-02-02T12:00:00.001Z&kind=verification')).toEqual([
      elsewhere?.id,
      second?.id,
    ]);
    expect(await ids('to=2026-02-02T13:00:00%2B01:00&from=2026-02-01T00:00:00Z')).toEqual([first?.id]);
    expect(
      await ids(
        `deviceId=door-1&kind=verification&decision=granted&personId=${personId}&from=2026-02-02T00:00:00Z&to=2026-02-03T00:00:00Z`,
      ),
    ).toEqual([second?.id]);
    expect(await ids('decision=spoof')).toEqual([]);
  });

  it.each([
    'events?limit=0',
    'events?limit=501',
    'events?cursor=nonsense',
    'events?kind=burglary',
    'events?personId=1',
    'events?from=yesterday',
    'events?colour=red',
  ])('refuses %s', async (path) => {
    const response = await running.call('GET', path);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'invalid-input' });
  });

  it('never gives away the encoding of a face, only that it can be enrolled', async () => {
    const encoding = encodingToBase64(new Float32Array(128).fill(0.5));
    const [event] = await log(device, anEvent('unknown', aFace({ encoding }), { streamId: '', seq: 1 }));
    const text = await (await running.call('GET', 'events?limit=1')).text();
    expect(text).not.toContain(encoding.slice(0, 40));
    expect((JSON.parse(text) as Page).items[0]).toMatchObject({ id: event?.id, enrollable: true });
    expect(await (await running.call('GET', `events/${event?.id}`)).text()).not.toContain('encoding"');
  });

  it('shows what is not about a face as the device told it', async () => {
    const trackId = randomUUID();
    const place = { streamId: '', seq: 1 };
    const [door, health] = await log(
      device,
      anEvent('door', { action: 'opened', trackId, personId: null, reasons: ['matched'] }, place),
      anEvent('health', { state: 'camera-lost', message: 'No picture.' }, place),
    );
    expect(await running.get(`events/${door?.id}`)).toMatchObject({
      trackId,
      reasons: ['matched'],
      decision: null,
      distance: null,
      body: { action: 'opened' },
    });
    expect(await running.get(`events/${health?.id}`)).toMatchObject({
      reasons: [],
      body: { state: 'camera-lost', message: 'No picture.' },
    });
  });

  it('knows no event that is not there', async () => {
    expect((await running.call('GET', `events/${randomUUID()}`)).status).toBe(404);
    expect((await running.call('GET', 'events/nonsense')).status).toBe(400);
    expect((await running.call('GET', 'events', undefined, 'nobody')).status).toBe(401);
  });
});

describe('a silent alarm', () => {
  /** A token of a new account. */
  async function signedInAs(role: Role): Promise<string> {
    const account = { email: `${role}@example.org`, password: 'correct horse battery staple' };
    await running.call('POST', 'accounts', { ...account, role });
    const answer = await running.call('POST', 'auth/login', account, '');
    return ((await answer.json()) as { token: string }).token;
  }

  it.each([
    ['operator', true],
    ['enroller', true],
    ['viewer', false],
  ] as const)('in the list, alone, and on the stream: %s sees it: %s', async (role, sees) => {
    const token = await signedInAs(role);
    const reader = await watch('', { Authorization: `Bearer ${token}` });
    const place = { streamId: '', seq: 1 };
    const trackId = randomUUID();
    const door = (action: string, reasons: string[]) =>
      anEvent('door', { action, trackId, personId: null, reasons }, place);
    const granted = { ...aFace(), decision: 'granted' as const, trackId };
    const [plain, grant, alarm, opened] = (await log(
      device,
      anEvent('verification', { ...granted, reasons: ['matched'] }, place),
      anEvent('verification', { ...granted, reasons: ['matched', 'duress'] }, place),
      door('duress', ['duress']),
      door('opened', []),
    )) as [EventEnvelope, EventEnvelope, EventEnvelope, EventEnvelope];
    await untilSeen(reader, [plain, grant, opened]);

    const read = async (path: string) => (await running.call('GET', path, undefined, token)).json();
    const list = ((await read('events?limit=4')) as Page).items;
    const shown = reader.messages<EventView>();
    for (const events of [list, shown]) {
      expect(events.some(({ id }) => id === alarm.id)).toBe(sees);
      expect(events.find(({ id }) => id === grant.id)?.reasons).toEqual(sees ? ['matched', 'duress'] : ['matched']);
      expect(JSON.stringify(events.filter(({ deviceId }) => deviceId === 'door-1')).includes('"duress"')).toBe(sees);
    }
    expect((await running.call('GET', `events/${alarm.id}`, undefined, token)).status).toBe(sees ? 200 : 404);
    const alone = (await read(`events/${grant.id}`)) as EventView;
    expect(alone.reasons).toEqual(sees ? ['matched', 'duress'] : ['matched']);
    if (sees) return;
    // Nothing tells a grant that raised an alarm from one that did not: numbers without gaps would.
    const bare = (event: EventView | undefined) => ({ ...event, id: '', occurredAt: '', receivedAt: '' });
    const other = list.find(({ id }) => id === plain.id);
    expect(other?.seq ?? null).toBeNull();
    expect(bare(alone)).toEqual(bare((await read(`events/${plain.id}`)) as EventView));
  });
});

describe('the live stream', () => {
  it('brings each new event once, in order, as the list shows it', async () => {
    const reader = await watch();
    expect(reader.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const events = await log(device, ...strangers(5));
    const seen = await untilSeen(reader, events);
    expect(seen).toEqual(events.map(({ id }) => id));
    expect(reader.messages<EventView>()[0]).toEqual(await running.get(`events/${events[0]?.id}`));
  });

  it('brings only what is asked for', async () => {
    const reader = await watch('?deviceId=door-2&kind=unknown');
    await log(device, ...strangers(2));
    const events = await log(other, ...strangers(2));
    expect(await untilSeen(reader, events)).toEqual(events.map(({ id }) => id));
  });

  it('goes on where a watcher stopped, without gap or repetition', async () => {
    const first = await watch();
    const before = await log(device, ...strangers(3));
    await untilSeen(first, before);
    first.close();
    const missed = await log(device, ...strangers(450));

    const second = await watch('', { 'Last-Event-ID': first.lastEventId ?? '' });
    const after = await log(other, ...strangers(3));
    const seen = await untilSeen(second, [...missed, ...after]);
    expect(seen).toHaveLength(missed.length + after.length);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.slice(0, missed.length).sort()).toEqual(missed.map(({ id }) => id).sort());
  });

  it('loses nothing for a watcher who connects again while events pour in', async () => {
    const seen: string[] = [];
    let lastEventId: string | null = null;
    const pouring = (async () => {
      const poured: EventEnvelope[] = [];
      for (let i = 0; i < 12; i++) poured.push(...(await log(i % 2 ? device : other, ...strangers(20))));
      return poured;
    })();
    const first = await watch();
    lastEventId = first.lastEventId;
    first.close();
    let poured: EventEnvelope[] | null = null;
    void pouring.then((events) => {
      poured = events;
    });
    while (poured === null) {
      const reader: SseReader = await watch('', { 'Last-Event-ID': lastEventId ?? '' });
      await eventually('something new', () => reader.events.length > 0 || poured !== null);
      reader.close();
      await reader.ended;
      seen.push(...reader.messages<EventView>().map(({ id }) => id));
      lastEventId = reader.lastEventId;
    }
    const rest = await watch('', { 'Last-Event-ID': lastEventId ?? '' });
    const [end] = await log(device, ...strangers(1));
    await untilSeen(rest, end ? [end] : []);
    seen.push(...rest.messages<EventView>().map(({ id }) => id));

    expect(new Set(seen).size).toBe(seen.length);
    // The first watcher may have come after some of them; from its place on, nothing is missing.
    const inLog = (await pages('limit=500')).map(({ id }) => id).reverse();
    expect(inLog.slice(inLog.indexOf(seen[0] ?? ''))).toEqual(expect.arrayContaining(seen));
    expect(seen).toHaveLength(inLog.length - inLog.indexOf(seen[0] ?? ''));
  });

  it('does not pass over an event whose transaction began earlier and commits later', async () => {
    const slow = new Client({ connectionString: running.database.url });
    await slow.connect();
    const reader = await watch();
    await slow.query('BEGIN');
    const late = randomUUID();
    await slow.query(
      `INSERT INTO event (position, received_at, id, stream_id, seq, kind, site_id, device_id, occurred_at, clock_trusted,
         body_hash, body, has_thumbnail)
       VALUES (nextval('event_position'), now(), $1, gen_random_uuid(), 1, 'health', 'main', 'door-1', now(), true, '', '{}', false)`,
      [late],
    );
    const events = await log(device, ...strangers(1));
    await slow.query('COMMIT');
    await slow.end();

    await untilSeen(reader, events);
    const seen = reader.messages<EventView>().map(({ id }) => id);
    expect(seen).toEqual([late, events[0]?.id]);
  });

  it('shows what another instance of central wrote', async () => {
    const reader = await watch();
    const id = randomUUID();
    await running.database.rows(
      `INSERT INTO event (position, received_at, id, stream_id, seq, kind, site_id, device_id, occurred_at, clock_trusted,
         body_hash, body, has_thumbnail)
       VALUES (nextval('event_position'), now(), $1, gen_random_uuid(), 1, 'health', 'main', 'door-1', now(), true, '',
         '{"state": "started", "message": ""}', false)`,
      [id],
    );
    await eventually('the event', () => reader.messages<EventView>().some((event) => event.id === id));
  });

  it('refuses a place that it never gave, and who is not signed in', async () => {
    expect((await running.call('GET', 'events/stream?lastEventId=abc')).status).toBe(400);
    expect((await running.call('GET', 'events/stream', undefined, 'nobody')).status).toBe(401);
  });

  it('limits how many an account opens', async () => {
    const opened = await Promise.all(Array.from({ length: 20 }, () => watch()));
    expect(opened.every(({ response }) => response.ok)).toBe(true);
    expect((await running.call('GET', 'events/stream')).status).toBe(429);
    for (const reader of opened) reader.close();
    await eventually('room again', async () => {
      const reader = await watch().catch(() => null);
      return reader?.response.ok;
    });
  });
});

describe('retention', () => {
  it('drops whole months that are over, keeps the rest, and makes months ahead', async () => {
    await running.database.rows(
      `CREATE TABLE event_y2020m01 PARTITION OF event FOR VALUES FROM ('2020-01-01Z') TO ('2020-02-01Z')`,
    );
    await running.database.rows(
      `CREATE TABLE event_thumbnail_y2020m01 PARTITION OF event_thumbnail FOR VALUES FROM ('2020-01-01Z') TO ('2020-02-01Z')`,
    );
    const [{ count: before } = { count: '' }] = await running.database.rows<{ count: string }>(
      'SELECT count(*) FROM event',
    );
    await running.database.rows(
      `INSERT INTO event (position, received_at, id, stream_id, seq, kind, site_id, device_id, occurred_at, clock_trusted,
         body_hash, body, has_thumbnail)
       VALUES (nextval('event_position'), '2020-01-15Z', gen_random_uuid(), gen_random_uuid(), 1, 'health', 'main', 'door-1',
         now(), true, '', '{}', false)`,
    );
    await running.database.rows(
      `INSERT INTO dead_letter (topic, code, message, received_at) VALUES ('t', 'c', 'm', '2020-01-15Z')`,
    );
    expect((await pages('limit=500')).length).toBe(Number(before));

    await running.central.app.get(PartitionsService).maintain();

    const names = (
      await running.database.rows<{ name: string }>(
        `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'event'::regclass ORDER BY name`,
      )
    ).map(({ name }) => name);
    expect(names).toHaveLength(4);
    expect(names).not.toContain('event_y2020m01');
    expect(await running.database.rows(`SELECT FROM dead_letter WHERE received_at < '2021-01-01'`)).toEqual([]);
    const [{ count: after } = { count: '' }] = await running.database.rows<{ count: string }>(
      'SELECT count(*) FROM event',
    );
    expect(after).toBe(before);
  });
});

it('ends the live streams when central stops', async () => {
  const reader = await watch();
  await running.stopCentral();
  await reader.ended;
  expect(reader.response.ok).toBe(true);
});
