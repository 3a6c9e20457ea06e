import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { agentIdentity, encodingToBase64, type GalleryAnswer, type PersonView } from '@latchkey/contracts';
import {
  contentHashOfRows,
  enrolmentWarningCodes,
  genesisHash,
  judgeChange,
  logHashAfter,
  uuidV7,
} from '@latchkey/domain';
import { eventually } from '@latchkey/testing';
import { EnrolmentService } from '../../apps/central/src/people/enrolment.service.ts';
import type { ApiClient } from './api-client.ts';
import { CentralFixture } from './central-fixture.ts';
import { contentOf, emptyContent, GalleryDevice, nothing, replay, type Standing } from './gallery-device.ts';
import { aFace, anEvent } from './raw-device.ts';
import { sampleFace } from './sample-faces.ts';

/** These tests enrol a few faces for many people. */
const despite = '?acceptDespite=near-another-person&acceptDespite=far-from-own-photos';
const fixture = new CentralFixture();
const devices: GalleryDevice[] = [];
let admin: ApiClient;
let number = 0;

beforeAll(async () => {
  await fixture.start();
  admin = await fixture.admin();
});
afterAll(async () => {
  await Promise.all(devices.map(({ raw }) => raw.stop()));
  await fixture.stop();
});

/** A group of its own for a test. */
async function aGroup(): Promise<string> {
  const id = `group-${++number}`;
  expect((await admin.post('groups', { id, name: id })).status).toBe(201);
  return id;
}

/** A connected device of these groups. */
async function aDevice(...groupIds: string[]): Promise<GalleryDevice> {
  return aDeviceNamed(`device-${++number}`, ...groupIds);
}

async function aDeviceNamed(id: string, ...groupIds: string[]): Promise<GalleryDevice> {
  const { status, body } = await admin.post('devices', { id, name: id, groupIds });
  expect(status).toBe(201);
  const device = new GalleryDevice(agentIdentity.parse(body), groupIds);
  devices.push(device);
  await device.raw.connect();
  return device;
}

async function aPerson(name: string, ...groupIds: string[]): Promise<PersonView> {
  const { status, body } = await admin.post('people', { name, groupIds });
  expect(status).toBe(201);
  return body;
}

/** Where central says that a group stands. */
async function headOf(device: GalleryDevice, groupId: string): Promise<Standing & { contentHash: string }> {
  const [answer] = await device.ask(groupId, nothing);
  if (!answer || answer.type === 'gone') throw new Error('The device is not in the group.');
  return answer.head;
}

function typesOf(answers: readonly GalleryAnswer[]): string[] {
  return answers.map(({ type }) => type);
}

/** Enrols made-up encodings, which needs no pictures. */
async function enrolMadeUp(personId: string, count: number): Promise<void> {
  const [{ modelId } = { modelId: '' }] = await fixture.database.rows<{ modelId: string }>(
    'SELECT model_id AS "modelId" FROM gallery_group LIMIT 1',
  );
  const faces = Array.from({ length: count }, () => ({
    source: 'made up',
    encoding: { modelId, values: Float32Array.from({ length: 128 }, () => Math.random() - 0.5), eventId: null },
    photo: null,
  }));
  const enrolment = fixture.central.app.get(EnrolmentService, { strict: false });
  await enrolment.enrol(personId, faces, enrolmentWarningCodes);
}

describe('a device that asks', () => {
  it('gets the whole gallery when it holds nothing, with a signed head that fits it', async () => {
    const group = await aGroup();
    const device = await aDevice(group);
    const person = await aPerson('Ada', group);
    await admin.upload(`people/${person.id}/photos${despite}`, 'photos', [await sampleFace('first')]);
    const before = Date.now();
    const answers = await device.ask(group, nothing);
    expect(typesOf(answers)).toEqual(['snapshot']);
    const [answer] = answers;
    if (answer?.type !== 'snapshot') throw new Error('no snapshot');
    expect(answer.head).toMatchObject({
      groupId: group,
      epoch: 1,
      revision: 2,
      modelId: expect.stringContaining('dlib'),
    });
    expect(answer.databaseEpoch).toBe(1);
    expect(Math.abs(new Date(answer.centralTime).getTime() - before)).toBeLessThan(60_000);
    const content = contentOf(answers);
    expect([...content.persons.values()]).toEqual([{ personId: person.id, name: 'Ada', always: false }]);
    expect(content.encodings.size).toBe(1);
    expect(contentHashOfRows(content)).toBe(answer.head.contentHash);
  });

  it('gets one empty chunk of a group without anybody', async () => {
    const group = await aGroup();
    const device = await aDevice(group);
    const answers = await device.ask(group, nothing);
    expect(answers).toMatchObject([{ type: 'snapshot', chunk: 0, chunks: 1, persons: [], encodings: [] }]);
    const head = await headOf(device, group);
    expect(head).toMatchObject({
      revision: 0,
      logHash: genesisHash('main', group, 1),
      contentHash: contentHashOfRows(emptyContent),
    });
  });

  it('gets the head alone when it is current', async () => {
    const group = await aGroup();
    const device = await aDevice(group);
    await aPerson('Ada', group);
    const head = await headOf(device, group);
    expect(typesOf(await device.ask(group, head))).toEqual(['head']);
  });

  it('gets exactly the changes that it lacks', async () => {
    const group = await aGroup();
    const device = await aDevice(group);
    await aPerson('Ada', group);
    const then = await headOf(device, group);
    const held = contentOf(await device.ask(group, nothing));
    await aPerson('Bob', group);
    await aPerson('Eve', group);
    const [answer] = await device.ask(group, then);
    if (answer?.type !== 'changes') throw new Error(`${answer?.type}`);
    expect(answer.changes.map(({ from, to }) => [from, to])).toEqual([
      [1, 2],
      [2, 3],
    ]);
    await device.change(group, 3);
    const published = device.changes.filter(({ groupId, from }) => groupId === group && from >= 1);
    expect(contentHashOfRows(replay(held, published))).toBe(answer.head.contentHash);
  });

  it('gets the changes from the beginning when it has the empty gallery', async () => {
    const group = await aGroup();
    const device = await aDevice(group);
    const empty = await headOf(device, group);
    await aPerson('Ada', group);
    expect(typesOf(await device.ask(group, empty))).toEqual(['changes']);
  });

  it.each([
    ['its content is another one at the same revision', (head: Standing) => ({ ...head, contentHash: '0'.repeat(64) })],
    ['its history is another one', (head: Standing) => ({ ...head, logHash: '0'.repeat(64) })],
    ['it is behind on another history', (head: Standing) => ({ ...head, revision: 1, logHash: '0'.repeat(64) })],
    ['it is ahead of central', (head: Standing) => ({ ...head, revision: head.revision + 1 })],
    ['it is of another epoch', (head: Standing) => ({ ...head, epoch: head.epoch + 1 })],
  ])('gets a snapshot when %s', async (_, wrong) => {
    const group = await aGroup();
    const device = await aDevice(group);
    await aPerson('Ada', group);
    await aPerson('Bob', group);
    expect(typesOf(await device.ask(group, wrong(await headOf(device, group))))).toEqual(['snapshot']);
  });

  it('gets a large gallery in chunks of at most 120 KB, the changes no longer', async () => {
    const group = await aGroup();
    const device = await aDevice(group);
    const empty = await headOf(device, group);
    const people = [await aPerson('A', group), await aPerson('"B" \\ B', group), await aPerson('C', group)];
    for (const { id } of people) await enrolMadeUp(id, 100);
    device.longestBytes = 0;
    const answers = await device.ask(group, empty);
    expect(new Set(typesOf(answers))).toEqual(new Set(['snapshot']));
    expect(answers.length).toBeGreaterThanOrEqual(3);
    expect(device.longestBytes).toBeLessThanOrEqual(120 * 1024);
    const content = contentOf(answers);
    expect([content.persons.size, content.encodings.size]).toEqual([3, 300]);
    expect(contentHashOfRows(content)).toBe((await headOf(device, group)).contentHash);
  });

  it('is told that a group is not its own, whether or not there is such a group', async () => {
    const own = await aGroup();
    const foreign = await aGroup();
    const device = await aDevice(own);
    await aPerson('Secret', foreign);
    expect(await device.ask(foreign, nothing)).toMatchObject([{ type: 'gone', groupId: foreign }]);
    expect(await device.ask('absent', nothing)).toMatchObject([{ type: 'gone', groupId: 'absent' }]);
  });

  it('loses a group that it is taken out of', async () => {
    const group = await aGroup();
    const device = await aDevice(group);
    const { deviceId } = device.raw.identity;
    expect(typesOf(await device.ask(group, nothing))).toEqual(['snapshot']);
    expect((await admin.patch(`devices/${deviceId}`, { groupIds: [] })).status).toBe(200);
    await eventually('the device is back', () => device.raw.session.connected);
    expect(typesOf(await device.ask(group, nothing))).toEqual(['gone']);
  });
});

describe('a change', () => {
  it('reaches every device of the group as one message, and nobody else', async () => {
    const group = await aGroup();
    const [one, two, other] = [await aDevice(group), await aDevice(group), await aDevice(await aGroup())];
    await aPerson('Ada', group);
    expect(await one.change(group, 1)).toEqual(await two.change(group, 1));
    expect(one.changes).toHaveLength(1);
    expect(other.changes).toEqual([]);
  });

  it('tells of each thing that happens to a person', async () => {
    const [group, next] = [await aGroup(), await aGroup()];
    const device = await aDevice(group, next);
    const person = await aPerson('Ada', group);
    const upload = await admin.upload(`people/${person.id}/photos${despite}`, 'photos', [
      await sampleFace('first'),
      await sampleFace('first', 0.4),
    ]);
    await admin.patch(`people/${person.id}`, { name: 'Ada L.', always: true });
    await admin.patch(`people/${person.id}`, { name: 'Ada L.' });
    await admin.delete(`people/${person.id}/photos/${upload.body.results[0].photoId}`);
    await admin.patch(`people/${person.id}`, { groupIds: [next] });
    await admin.delete(`people/${person.id}`);
    await device.change(next, 2);
    await device.change(group, 5);
    const operations = (groupId: string) =>
      device.changes
        .filter((change) => change.groupId === groupId)
        .map((change) => change.operations.map(({ op }) => op));
    expect(operations(group)).toEqual([
      ['upsert-person'],
      ['upsert-encoding', 'upsert-encoding'],
      ['upsert-person'],
      ['remove-encoding'],
      ['remove-person'],
    ]);
    expect(operations(next)).toEqual([['upsert-person', 'upsert-encoding'], ['remove-person']]);
    for (const groupId of [group, next]) {
      const own = device.changes.filter((change) => change.groupId === groupId);
      const head = await headOf(device, groupId);
      expect(contentHashOfRows(replay(emptyContent, own))).toBe(head.contentHash);
      expect(own.map(logHashAfter).at(-1)).toBe(head.logHash);
    }
  });

  it('has its own revision, however many are made at once: the log is gapless and its replay is the gallery', async () => {
    const [group, another] = [await aGroup(), await aGroup()];
    const device = await aDevice(group, another);
    const groups = [group, another];
    const names = Array.from({ length: 12 }, (_, i) => `Person ${i}`);
    // Both orders of the two groups at once: writers that lock them in the order given would wait for each other.
    const people = await Promise.all(
      names.map((name, i) => aPerson(name, ...(i % 2 === 0 ? groups : [...groups].reverse()))),
    );
    await Promise.all([
      ...people.slice(0, 6).map(({ id }) => enrolMadeUp(id, 2)),
      ...people.slice(6, 8).map(({ id }) => admin.patch(`people/${id}`, { name: 'Renamed' })),
      ...people.slice(8, 10).map(({ id }) => admin.patch(`people/${id}`, { groupIds: [another] })),
      ...people.slice(10).map(({ id }) => admin.delete(`people/${id}`)),
    ]);
    for (const groupId of groups) {
      const head = await headOf(device, groupId);
      expect(head.revision).toBe(12 + 6 + 2 + (groupId === group ? 2 : 0) + 2);
      await device.change(groupId, head.revision);
      const log = device.changes.filter((change) => change.groupId === groupId);
      let standing = { epoch: 1, revision: 0, logHash: genesisHash('main', groupId, 1) };
      for (const change of log) {
        expect(judgeChange(standing, change)).toBe('apply');
        standing = { epoch: 1, revision: change.to, logHash: logHashAfter(change) };
      }
      expect(standing).toMatchObject({ revision: head.revision, logHash: head.logHash });
      expect(contentHashOfRows(replay(emptyContent, log))).toBe(head.contentHash);
    }
  });

  it('is not made by a request that changes nothing or fails', async () => {
    const group = await aGroup();
    const device = await aDevice(group);
    const person = await aPerson('Ada', group);
    await admin.patch(`people/${person.id}`, { name: 'Ada', groupIds: [group] });
    await admin.patch(`people/${person.id}`, { name: 'Never', groupIds: [group, 'absent'] });
    await admin.upload(`people/${person.id}/photos${despite}`, 'photos', [{ name: 'x', bytes: new Uint8Array(10) }]);
    expect((await headOf(device, group)).revision).toBe(1);
    expect((await admin.get(`people/${person.id}`)).body.name).toBe('Ada');
  });

  it('that central could not publish is published when it starts again', async () => {
    const group = await aGroup();
    const person = await aPerson('Ada', group);
    await fixture.stopCentral();
    await fixture.database.rows('UPDATE gallery_change SET published_at = NULL WHERE group_id = $1', [group]);
    await fixture.start();
    admin = await fixture.admin();
    await eventually('the change is published', async () => {
      const rows = await fixture.database.rows('SELECT 1 FROM gallery_change WHERE published_at IS NULL');
      return rows.length === 0;
    });
    const device = await aDevice(group);
    expect(contentOf(await device.ask(group, nothing)).persons.has(person.id)).toBe(true);
  });
});

describe('another model', () => {
  it('at the next start of central: people stay enrolled, their photos encoded anew, and devices get a new epoch', async () => {
    const group = await aGroup();
    const device = await aDevice(group);
    const person = await aPerson('Of the old model', group);
    await admin.upload(`people/${person.id}/photos${despite}`, 'photos', [await sampleFace('fourth')]);
    const before = await headOf(device, group);
    await device.raw.stop();
    await fixture.stopCentral();
    // As a central with another encoder left it.
    await fixture.database.rows(`UPDATE gallery_group SET model_id = 'old-model' WHERE id = $1`, [group]);
    await fixture.database.rows(`UPDATE encoding SET model_id = 'old-model' WHERE person_id = $1`, [person.id]);
    await fixture.start();
    admin = await fixture.admin();
    await eventually('the group has changed over', async () => {
      const [row] = await fixture.database.rows<{ epoch: number }>('SELECT epoch FROM gallery_group WHERE id = $1', [
        group,
      ]);
      return row?.epoch === 2;
    });
    const another = await aDevice(group);
    const answers = await another.ask(group, before);
    expect(answers).toMatchObject([
      { type: 'snapshot', head: { epoch: 2, revision: 0, modelId: expect.stringContaining('dlib') } },
    ]);
    const content = contentOf(answers);
    const [answer] = answers;
    if (answer?.type !== 'snapshot') throw new Error('no snapshot');
    expect(contentHashOfRows(content)).toBe(answer.head.contentHash);
    expect([...content.encodings.values()]).toMatchObject([{ personId: person.id, modelId: answer.head.modelId }]);
    expect(await fixture.database.rows(`SELECT 1 FROM encoding WHERE model_id = 'old-model'`)).toEqual([]);
    const seen = await admin.upload('recognize', 'photo', [await sampleFace('fourth', 0.6)]);
    expect(seen.body.granted).toBe(true);
    expect(typesOf(await another.ask(group, answer.head))).toEqual(['head']);
    const next = await aPerson('Of the new epoch', group);
    expect((await another.change(group, 1)).epoch).toBe(2);
    expect(typesOf(await another.ask(group, answer.head))).toEqual(['changes']);
    await admin.delete(`people/${next.id}`);
  });
});

/** Tables in which a text stands. */
async function tablesWith(text: string): Promise<string[]> {
  const tables = await fixture.database.rows<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`,
  );
  const found: string[] = [];
  for (const { name } of tables) {
    const rows = await fixture.database.rows(`SELECT 1 FROM ${name} WHERE strpos(${name}::text, $1) > 0 LIMIT 1`, [
      text,
    ]);
    if (rows.length > 0) found.push(name);
  }
  return found;
}

describe('erasing a person', () => {
  it('leaves neither name nor photo nor encoding anywhere in the database', async () => {
    const group = await aGroup();
    const device = await aDevice(group);
    const person = await aPerson('Erasable Unique Name', group);
    await aPerson('Somebody Else Here', group);
    await admin.upload(`people/${person.id}/photos${despite}`, 'photos', [await sampleFace('fourth', 0.7)]);
    await admin.patch(`people/${person.id}`, { name: 'Erasable Second Name' });
    const [{ vector } = { vector: '' }] = await fixture.database.rows<{ vector: string }>(
      `SELECT encode(vector, 'base64') AS vector FROM encoding WHERE person_id = $1`,
      [person.id],
    );
    const beginning = vector.slice(0, 60);
    expect(await tablesWith('Erasable')).toEqual(expect.arrayContaining(['person', 'gallery_change']));
    expect(await tablesWith(beginning)).toEqual(['gallery_change']);
    expect((await admin.delete(`people/${person.id}`)).status).toBe(204);
    expect(await tablesWith('Erasable')).toEqual([]);
    expect(await tablesWith(beginning)).toEqual([]);
    const left = await fixture.database.rows(
      'SELECT id FROM photo WHERE person_id = $1 UNION ALL SELECT id FROM encoding WHERE person_id = $1',
      [person.id],
    );
    expect(left).toEqual([]);
    const content = contentOf(await device.ask(group, nothing));
    expect([...content.persons.values()].map(({ name }) => name)).toEqual(['Somebody Else Here']);
  });

  it('keeps the digests of the log and gives a snapshot to whoever is behind', async () => {
    const group = await aGroup();
    const device = await aDevice(group);
    const before = await headOf(device, group);
    const person = await aPerson('Ada', group);
    const between = await headOf(device, group);
    await admin.delete(`people/${person.id}`);
    const hashes = await fixture.database.rows<{ prev: string; log: string; scrubbed: boolean }>(
      `SELECT prev_hash AS prev, log_hash AS log, payload IS NULL AS scrubbed FROM gallery_change WHERE group_id = $1 ORDER BY revision`,
      [group],
    );
    expect(hashes.map(({ scrubbed }) => scrubbed)).toEqual([true, false]);
    expect(hashes[1]?.prev).toBe(hashes[0]?.log);
    expect(typesOf(await device.ask(group, before))).toEqual(['snapshot']);
    expect(typesOf(await device.ask(group, between))).toEqual(['changes']);
  });

  it('is complete when the last device that may hold the person has confirmed', async () => {
    const group = await aGroup();
    const [one, two] = [await aDevice(group), await aDevice(group)];
    const person = await aPerson('Ada', group);
    const open = () =>
      fixture.database.rows<{ device: string }>(
        'SELECT device_id AS device FROM holding WHERE person_id = $1 AND ended_at IS NULL ORDER BY device_id',
        [person.id],
      );
    const completed = async () =>
      (
        await fixture.database.rows('SELECT 1 FROM erasure_ledger WHERE person_id = $1 AND completed_at IS NOT NULL', [
          person.id,
        ])
      ).length === 1;
    expect(await open()).toHaveLength(2);
    await admin.delete(`people/${person.id}`);
    expect(await open()).toHaveLength(2);
    expect(await completed()).toBe(false);
    const contentHash = contentHashOfRows(emptyContent);
    const held = { groupId: group, epoch: 1, contentHash, persons: 0, encodings: 0 };
    await one.report([{ ...held, revision: 1, persons: 1, state: 'current' }]);
    await two.report([{ ...held, revision: 2, state: 'current' }]);
    await eventually('the second device has confirmed', async () => (await open()).length === 1);
    expect(await open()).toEqual([{ device: one.raw.identity.deviceId }]);
    await one.report([{ ...held, revision: 2, state: 'failed' }]);
    await one.report([{ ...held, revision: 2, state: 'current' }]);
    await eventually('the erasure is complete', completed);
    expect(await open()).toEqual([]);
  });

  it('is not confirmed for a device that was deleted by another machine that got its name', async () => {
    const group = await aGroup();
    const stolen = await aDevice(group);
    const id = stolen.raw.identity.deviceId;
    const person = await aPerson('Ada', group);
    const contentHash = contentHashOfRows(emptyContent);
    const empty = { groupId: group, epoch: 1, contentHash, persons: 0, encodings: 0, state: 'current' } as const;
    await stolen.report([{ ...empty, revision: 1, persons: 1 }]);
    expect((await admin.delete(`devices/${id}`)).status).toBe(204);
    const successor = await aDeviceNamed(id, group);
    await headOf(successor, group);
    await admin.delete(`people/${person.id}`);
    await successor.report([{ ...empty, revision: 2 }]);
    const holders = () =>
      fixture.database.rows<{ device: string; open: boolean }>(
        'SELECT device_id AS device, ended_at IS NULL AS open FROM holding WHERE person_id = $1 ORDER BY open',
        [person.id],
      );
    await eventually('the successor has confirmed', async () => (await holders()).some(({ open }) => !open));
    expect(await holders()).toEqual([
      { device: id, open: false },
      { device: expect.stringMatching(`^${id}#`), open: true },
    ]);
    const ledger = await fixture.database.rows<{ completed: boolean }>(
      'SELECT completed_at IS NOT NULL AS completed FROM erasure_ledger WHERE person_id = $1',
      [person.id],
    );
    expect(ledger).toEqual([{ completed: false }]);
  });

  it('is complete at once when no device ever could hold the person', async () => {
    const person = await aPerson('Ada', await aGroup());
    await admin.delete(`people/${person.id}`);
    const rows = await fixture.database.rows(
      'SELECT 1 FROM erasure_ledger WHERE person_id = $1 AND completed_at IS NOT NULL',
      [person.id],
    );
    expect(rows).toHaveLength(1);
  });
});

describe('the face of an unknown event', () => {
  /** A device's event about a face that nobody is enrolled for, in the log. */
  async function anUnknownFace(
    modelId: string,
    values = Float32Array.from({ length: 128 }, () => Math.random() - 0.5),
  ) {
    const device = await aDevice('everyone');
    const { bytes } = await sampleFace('second');
    const streamId = uuidV7(Date.now(), randomBytes(16));
    const event = anEvent(
      'unknown',
      aFace({ modelId, encoding: encodingToBase64(values) }),
      { streamId, seq: 1 },
      {
        thumbnail: Buffer.from(bytes).subarray(0, 9000).toString('base64'),
      },
    );
    await device.raw.send(event);
    await device.raw.untilCommitted(streamId, 1);
    return { device, eventId: event.id, values };
  }

  async function currentModel(): Promise<string> {
    const [row] = await fixture.database.rows<{ modelId: string }>(
      `SELECT model_id AS "modelId" FROM gallery_group WHERE id = 'everyone'`,
    );
    return row?.modelId ?? '';
  }

  it("is refused when it is another person's, unless that is known", async () => {
    const { eventId, values } = await anUnknownFace(await currentModel());
    const [known, other] = [await aPerson('Known', 'everyone'), await aPerson('Other', 'everyone')];
    expect((await admin.post(`people/${known.id}/faces`, { eventId })).status).toBe(201);
    const again = await anUnknownFace(await currentModel(), values);
    const refused = await admin.post(`people/${other.id}/faces`, { eventId: again.eventId });
    expect([refused.status, refused.body.code]).toEqual([422, 'near-another-person']);
    expect(refused.body).toMatchObject({
      detail: expect.stringContaining('like that of Known'),
      details: { nearestPersonId: known.id, distance: 0 },
    });
    const taken = await admin.post(`people/${other.id}/faces${despite}`, { eventId: again.eventId });
    expect(taken.status).toBe(201);
  });

  it('is enrolled with one request, and its picture becomes a photo', async () => {
    const { device, eventId, values } = await anUnknownFace(await currentModel());
    const person = await aPerson('Formerly unknown', 'everyone');
    const answer = await admin.post(`people/${person.id}/faces`, { eventId });
    expect(answer.status).toBe(201);
    expect(answer.body.results).toMatchObject([{ accepted: true, photoId: expect.any(String) }]);
    expect((await admin.get(`people/${person.id}`)).body).toMatchObject({ photos: 1, encodings: 1 });
    const { revision } = await headOf(device, 'everyone');
    const { operations } = await device.change('everyone', Number(revision));
    expect(operations).toEqual([expect.objectContaining({ op: 'upsert-encoding', personId: person.id, values })]);
  });

  it('is enrolled once', async () => {
    const { eventId } = await anUnknownFace(await currentModel());
    const person = await aPerson('First come', 'everyone');
    const other = await aPerson('Second come', 'everyone');
    expect((await admin.post(`people/${person.id}/faces`, { eventId })).status).toBe(201);
    const again = await admin.post(`people/${other.id}/faces`, { eventId });
    expect([again.status, again.body.code]).toEqual([409, 'conflict']);
  });

  it('is refused for another model, other kinds, and what does not exist', async () => {
    const person = await aPerson('Ada', 'everyone');
    const foreign = await anUnknownFace('another-model');
    const mismatch = await admin.post(`people/${person.id}/faces`, { eventId: foreign.eventId });
    expect([mismatch.status, mismatch.body.code]).toEqual([409, 'model-mismatch']);
    const streamId = uuidV7(Date.now(), randomBytes(16));
    const door = anEvent('health', { state: 'started', message: '' }, { streamId, seq: 1 });
    await foreign.device.raw.send(door);
    await foreign.device.raw.untilCommitted(streamId, 1);
    expect((await admin.post(`people/${person.id}/faces`, { eventId: door.id })).body.code).toBe('invalid-input');
    const absent = '00000000-0000-7000-8000-000000000000';
    expect((await admin.post(`people/${person.id}/faces`, { eventId: absent })).status).toBe(404);
    expect((await admin.post(`people/${absent}/faces`, { eventId: foreign.eventId })).body.code).not.toBe('internal');
    expect((await admin.post(`people/${person.id}/faces`, { eventId: 'x' })).status).toBe(400);
  });

  it.each([
    ['', async () => undefined],
    [
      ', also after its photo was deleted',
      async (personId: string) => {
        const [photo] = (await admin.get(`people/${personId}/photos`)).body.items;
        expect((await admin.delete(`people/${personId}/photos/${photo.id}`)).status).toBe(204);
      },
    ],
    [
      ', also after another model has come that finds no face in its photo',
      async (personId: string) => {
        await fixture.database.rows('DELETE FROM encoding WHERE person_id = $1', [personId]);
      },
    ],
  ])('is gone from the log too when the person is erased%s', async (_, meanwhile) => {
    const { eventId, values } = await anUnknownFace(await currentModel());
    const person = await aPerson('Ada', 'everyone');
    await admin.post(`people/${person.id}/faces`, { eventId });
    await meanwhile(person.id);
    const beginning = encodingToBase64(values).slice(0, 60);
    expect((await tablesWith(beginning)).length).toBeGreaterThan(0);
    await admin.delete(`people/${person.id}`);
    expect(await tablesWith(beginning)).toEqual([]);
    expect(await fixture.database.rows('SELECT 1 FROM event_thumbnail WHERE event_id = $1', [eventId])).toEqual([]);
    const kept = await fixture.database.rows('SELECT has_thumbnail AS "hasThumbnail" FROM event WHERE id = $1', [
      eventId,
    ]);
    expect(kept).toEqual([{ hasThumbnail: false }]);
    const other = await aPerson('Other', 'everyone');
    expect((await admin.post(`people/${other.id}/faces`, { eventId })).body.code).toBe('invalid-input');
  });

  it('is gone from what was refused of the person, too: the row stays, its payload does not', async () => {
    const { eventId } = await anUnknownFace(await currentModel());
    const person = await aPerson('Ada', 'everyone');
    await admin.post(`people/${person.id}/faces`, { eventId });
    const ids = (
      await fixture.database.rows<{ id: string }>(
        `INSERT INTO dead_letter (topic, code, message, event_id, payload) VALUES
           ('t', 'c', 'names the person', NULL, convert_to('{"personId":"' || upper($1) || '","name":"Grün"}', 'UTF8')),
           ('t', 'c', 'a copy of the event', $2, '\\x00ff'), ('t', 'c', 'of somebody else', NULL, '{}')
         RETURNING id`,
        [person.id, eventId],
      )
    ).map(({ id }) => id);
    await admin.delete(`people/${person.id}`);
    const left = await fixture.database.rows(
      'SELECT message, payload IS NULL AS stripped FROM dead_letter WHERE id = ANY($1) ORDER BY id',
      [ids],
    );
    expect(left.map(({ stripped }) => stripped)).toEqual([true, true, false]);
  });
});
