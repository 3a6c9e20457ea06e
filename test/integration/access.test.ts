import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  agentIdentity,
  buildTopic,
  type DesiredConfig,
  decodePayload,
  deviceAudience,
  type PersonView,
  type ScheduleView,
} from '@latchkey/contracts';
import { contentHashOfRows, freeAccess } from '@latchkey/domain';
import { openSigned } from '@latchkey/link';
import { eventually } from '@latchkey/testing';
import type { ApiClient } from './api-client.ts';
import { CentralFixture } from './central-fixture.ts';
import { contentOf, GalleryDevice, nothing } from './gallery-device.ts';

const fixture = new CentralFixture();
const configs: DesiredConfig[] = [];
let admin: ApiClient;
let device: GalleryDevice;
const weekly = [{ days: [1, 2, 3, 4, 5], from: '08:00', to: '18:00' }];
const exceptions = [{ from: '2026-12-24', to: '2026-12-31', periods: [] }];

beforeAll(async () => {
  await fixture.start();
  admin = await fixture.admin();
  await admin.post('groups', { id: 'staff', name: 'Staff' });
  const { body } = await admin.post('devices', { id: 'front', name: 'Front', groupIds: ['staff'] });
  const identity = agentIdentity.parse(body);
  device = new GalleryDevice(identity, ['staff']);
  const { siteId: site, deviceId, trustedKeys } = identity;
  const topic = buildTopic('configDesired', { site, device: deviceId });
  device.raw.session.subscribe(topic, ({ payload }) => {
    const audience = deviceAudience(site, deviceId);
    configs.push(
      decodePayload('configDesired', openSigned(payload, { topic, audience, purpose: 'config', trustedKeys })),
    );
  });
  await device.raw.connect();
  await eventually('the first configuration', () => configs.length > 0);
});
afterAll(async () => {
  await device.raw.stop();
  await fixture.stop();
});

async function aSchedule(id: string): Promise<ScheduleView> {
  const { status, body } = await admin.post('schedules', { id, name: id, weekly, exceptions });
  expect(status).toBe(201);
  return body;
}

async function aPerson(name: string, access: Partial<PersonView['access']>): Promise<PersonView> {
  const { status, body } = await admin.post('people', { name, groupIds: ['staff'], access });
  expect(status).toBe(201);
  return body;
}

it('who raises a silent alarm is known to those who answer or set it, and to no viewer', async () => {
  const { id } = await aPerson('Under threat', { duress: true });
  for (const [role, sees] of [
    ['operator', true],
    ['enroller', true],
    ['viewer', false],
  ] as const) {
    const reader = await fixture.account(role);
    const alone = (await reader.get(`people/${id}`)).body as PersonView;
    const list = (await reader.get('people?search=threat')).body as { items: PersonView[] };
    expect([alone.access.duress, list.items[0]?.access.duress]).toEqual([sees, sees]);
  }
});

/** What devices of the group hold, as far as its hash is right. */
async function held() {
  const answers = await device.ask('staff', nothing);
  const [first] = answers;
  const content = contentOf(answers);
  expect(first && 'head' in first && first.head.contentHash).toBe(contentHashOfRows(content));
  return content.persons;
}

describe('a schedule', () => {
  it('reaches devices when it is made, changed and deleted, and not for a new name', async () => {
    const before = configs.at(-1)?.revision ?? 0;
    expect(await aSchedule('office')).toMatchObject({ id: 'office', weekly, exceptions, persons: 0 });
    await eventually('the schedule', () => configs.at(-1)?.schedules.some(({ id }) => id === 'office'));
    expect(configs.at(-1)).toMatchObject({ revision: before + 1, schedules: [{ id: 'office', weekly, exceptions }] });

    expect((await admin.patch('schedules/office', { name: 'The office' })).body).toMatchObject({ name: 'The office' });
    await admin.patch('schedules/office', { exceptions: [] });
    await eventually('the change', () => configs.at(-1)?.schedules[0]?.exceptions.length === 0);
    expect(configs.at(-1)?.revision).toBe(before + 2);

    expect((await admin.delete('schedules/office')).status).toBe(204);
    await eventually('the end', () => configs.at(-1)?.schedules.length === 0);
    expect((await admin.get('schedules/office')).status).toBe(404);
  });

  it.each([
    ['an id that is taken', { id: 'taken' }, 409],
    ['a time that is none', { weekly: [{ days: [1], from: '8', to: '18:00' }] }, 400],
    ['a day that is none', { weekly: [{ days: [8], from: '08:00', to: '18:00' }] }, 400],
    ['a date that is none', { exceptions: [{ from: '2026-02-30', to: '2026-03-01', periods: [] }] }, 400],
    ['a last day before the first', { exceptions: [{ from: '2026-03-02', to: '2026-03-01', periods: [] }] }, 400],
  ])('is refused with %s', async (_, change, status) => {
    if (status === 409) await aSchedule('taken');
    const schedule = { id: 'refused', name: 'x', weekly, exceptions, ...change };
    expect((await admin.post('schedules', schedule)).status).toBe(status);
  });

  it('stays while somebody is bound to it', async () => {
    await aSchedule('bound');
    const person = await aPerson('Bound', { scheduleId: 'bound' });
    expect((await admin.get('schedules/bound')).body).toMatchObject({ persons: 1 });
    expect((await admin.get('people?scheduleId=bound')).body.items).toMatchObject([{ id: person.id }]);
    const refused = await admin.delete('schedules/bound');
    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({ code: 'conflict', detail: expect.stringContaining('1 person is bound') });
    await admin.patch(`people/${person.id}`, { access: { scheduleId: null } });
    expect((await admin.delete('schedules/bound')).status).toBe(204);
  });
});

describe('what binds a person', () => {
  it('is shown, changed by parts, and reaches devices with the person', async () => {
    await aSchedule('mornings');
    const person = await aPerson('Ada', { scheduleId: 'mornings', validUntil: '2027-01-01T00:00:00.000Z' });
    expect(person.access).toEqual({ ...freeAccess, scheduleId: 'mornings', validUntil: '2027-01-01T00:00:00.000Z' });
    expect((await held()).get(person.id)).toMatchObject({ access: person.access });

    const changed = await admin.patch(`people/${person.id}`, { access: { duress: true, validUntil: null } });
    const access = { ...freeAccess, scheduleId: 'mornings', duress: true };
    expect(changed.body).toMatchObject({ access });
    await eventually('the change', () =>
      device.changes.some(({ operations }) =>
        operations.some((operation) => operation.op === 'upsert-person' && operation.access?.duress),
      ),
    );
    expect((await held()).get(person.id)).toMatchObject({ access });
    expect((await admin.get(`people/${person.id}`)).body).toMatchObject({ access });
  });

  it('is not in the row of somebody whom nothing binds', async () => {
    const person = await aPerson('Free', {});
    expect((await held()).get(person.id)).toEqual({ personId: person.id, name: 'Free', always: false });
  });

  it.each([
    ['a schedule that there is not', { scheduleId: 'gone' }, 404],
    [
      'an end before the beginning',
      { validFrom: '2026-12-01T00:00:00.000Z', validUntil: '2026-12-01T00:00:00.000Z' },
      400,
    ],
    ['a date that is none', { validFrom: 'tomorrow' }, 400],
    ['a word that there is not', { vip: true }, 400],
  ])('is refused with %s', async (_, access, status) => {
    expect((await admin.post('people', { name: 'Refused', access })).status).toBe(status);
  });
});
