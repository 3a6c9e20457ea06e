import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type AgentIdentity,
  buildTopic,
  type DesiredConfig,
  type DeviceView,
  desiredConfig,
  deviceAudience,
  encodePayload,
  type PayloadOf,
  type Presence,
  parseJson,
  type TopicName,
} from '@latchkey/contracts';
import { openSigned } from '@latchkey/link';
import { eventually } from '@latchkey/testing';
import { DevicesService } from '../../apps/central/src/devices/devices.service.ts';
import { LinkService } from '../../apps/central/src/link/link.service.ts';
import type { RawDevice } from './raw-device.ts';
import { RunningCentral } from './running-central.ts';

const running = new RunningCentral();

beforeAll(async () => {
  await running.start();
  await running.call('POST', 'groups', { id: 'staff', name: 'Staff' });
});
afterAll(() => running.stop());

/** A device that keeps the configurations that it is given. */
async function aDevice(id: string): Promise<{ device: RawDevice; configs: DesiredConfig[] }> {
  const device = await running.connect(await running.makeDevice(id));
  return { device, configs: await configsOf(device) };
}

async function configsOf({ session, identity }: RawDevice): Promise<DesiredConfig[]> {
  const { siteId: site, deviceId: device, trustedKeys } = identity;
  const configs: DesiredConfig[] = [];
  const topic = buildTopic('configDesired', { site, device });
  session.subscribe(topic, ({ payload }) => {
    const text = openSigned(payload, { topic, audience: deviceAudience(site, device), purpose: 'config', trustedKeys });
    configs.push(desiredConfig.parse(parseJson('configDesired', text)));
  });
  await eventually('the first configuration', () => configs.length > 0);
  return configs;
}

async function say<N extends TopicName>(
  { session, identity }: RawDevice,
  name: N,
  payload: PayloadOf<N>,
): Promise<void> {
  const topic = buildTopic(name, { site: identity.siteId, device: identity.deviceId });
  await session.publish(topic, encodePayload(name, payload), { qos: 1, retain: false });
}

function aPresence(overrides: Partial<Presence> = {}): Presence {
  return {
    state: 'online',
    sessionId: randomUUID(),
    since: '2026-05-01T10:00:00.000Z',
    agentVersion: '1.2.3',
    modelId: 'test-model',
    engine: 'onnx',
    ...overrides,
  };
}

function view(id: string): Promise<DeviceView> {
  return running.get<DeviceView>(`devices/${id}`);
}

async function untilView(id: string, what: string, holds: (device: DeviceView) => boolean): Promise<DeviceView> {
  return eventually(what, async () => {
    const device = await view(id);
    return holds(device) && device;
  });
}

describe('registration', () => {
  it('answers with an identity once, and shows a device that nobody has seen yet', async () => {
    const response = await running.call('POST', 'devices', { id: 'front-door', name: ' Front door ' });
    expect(response.status).toBe(201);
    const identity = (await response.json()) as AgentIdentity;
    expect(identity).toMatchObject({ siteId: 'main', deviceId: 'front-door', mqtt: { username: 'main/front-door' } });
    expect(Buffer.from(identity.mqtt.password, 'base64url')).toHaveLength(32);
    expect(identity.trustedKeys.map(({ purpose }) => purpose).sort()).toEqual(['ack', 'command', 'config', 'gallery']);

    const shown = await view('front-door');
    expect(JSON.stringify(shown)).not.toContain(identity.mqtt.password);
    expect(shown).toMatchObject({
      id: 'front-door',
      name: 'Front door',
      online: false,
      lastSeenAt: null,
      configRevision: 1,
      configReported: null,
      telemetry: null,
      galleries: [{ groupId: 'everyone', wantedEpoch: 1, wantedRevision: 0, state: 'unknown', reportedAt: null }],
    });
    const [stored] = await running.database.rows<{ password_hash: string }>(
      `SELECT password_hash FROM device WHERE id = 'front-door'`,
    );
    expect(stored?.password_hash).not.toContain(identity.mqtt.password);
  });

  it.each([
    ['an id that is taken', { id: 'front-door', name: 'x' }, 409, 'conflict'],
    ['a group that is not there', { id: 'new-1', name: 'x', groupIds: ['nobody'] }, 404, 'not-found'],
    ['a group of another site', { id: 'new-2', name: 'x', siteId: 'paris', groupIds: ['everyone'] }, 404, 'not-found'],
    ['an id that no topic can have', { id: 'Front Door', name: 'x' }, 400, 'invalid-input'],
    ['an id of ours', { id: '_groups', name: 'x' }, 400, 'invalid-input'],
    ['a field that does not exist', { id: 'new-3', name: 'x', colour: 'red' }, 400, 'invalid-input'],
  ])('refuses %s', async (_, body, status, code) => {
    const response = await running.call('POST', 'devices', body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ code });
    expect((await running.call('GET', `devices/${body.id}`)).status).not.toBe(body.id === 'front-door' ? 404 : 200);
  });

  it('is for admins', async () => {
    expect((await running.call('POST', 'devices', { id: 'x', name: 'x' }, '')).status).toBe(401);
  });

  it('lists by id, page by page', async () => {
    for (const id of ['list-a', 'list-b', 'list-c']) await running.makeDevice(id);
    const ids: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = cursor === '' ? 'devices?limit=2' : `devices?limit=2&cursor=${cursor}`;
      const page: { items: DeviceView[]; nextCursor: string | null } = await running.get(query);
      ids.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(ids).toEqual([...new Set(ids)].sort());
    expect(ids).toEqual(expect.arrayContaining(['front-door', 'list-a', 'list-b', 'list-c']));
  });

  it('gives a known device a new password when it is provisioned again, and cuts what used the old one', async () => {
    const devices = running.central.app.get(DevicesService);
    const first = await devices.provision({ siteId: 'main', deviceId: 'demo', name: 'Demo' });
    const before = await running.connect(first);
    const gone = new Promise<void>((resolve) => before.session.onDisconnected(resolve));
    const second = await devices.provision({ siteId: 'main', deviceId: 'demo', name: 'Another name' });
    await gone;
    await before.stop();

    expect(second.mqtt.password).not.toBe(first.mqtt.password);
    await running.connect(second);
    expect((await view('demo')).name).toBe('Demo');
  });
});

describe('configuration', () => {
  it('is given, signed, to a device when it connects, and anew after each change', async () => {
    const { configs } = await aDevice('configured');
    expect(configs).toMatchObject([{ revision: 1, groupIds: ['everyone'], door: { policy: 'door', votesNeeded: 2 } }]);

    const door = { ...(await view('configured')).door, votesNeeded: 3, holdOpenMs: 2000 };
    const response = await running.call('PATCH', 'devices/configured', { door, groupIds: ['staff', 'everyone'] });
    expect(await response.json()).toMatchObject({ configRevision: 2, door });
    await eventually('the second configuration', () => configs.length > 1);
    expect(configs.at(-1)).toEqual({ revision: 2, groupIds: ['everyone', 'staff'], door, schedules: [] });
  });

  it('keeps schedules of a new door in the zone of its site, and refuses a door that nobody could open', async () => {
    await running.makeDevice('zoned');
    const { door, configRevision } = await view('zoned');
    expect(door.rules.timeZone).toBe('Europe/Vienna');
    const response = await running.call('PATCH', 'devices/zoned', {
      door: { ...door, votesNeeded: 4, votesWindow: 3 },
    });
    expect([response.status, await response.json()]).toMatchObject([400, { code: 'invalid-input' }]);
    expect(await view('zoned')).toMatchObject({ door, configRevision });
  });

  it('keeps the rules of a door that a change does not name', async () => {
    await aDevice('ruled');
    const { rules, ...door } = (await view('ruled')).door;
    const antiPassback = { mode: 'deny', windowS: 60 };
    await running.call('PATCH', 'devices/ruled', { door: { ...door, rules: { antiPassback } } });
    await running.call('PATCH', 'devices/ruled', { door: { ...door, rules: { timeZone: 'Europe/Berlin' } } });
    await running.call('PATCH', 'devices/ruled', { door: { ...door, votesNeeded: 3 } });
    expect((await view('ruled')).door).toEqual({
      ...door,
      votesNeeded: 3,
      rules: { ...rules, antiPassback, timeZone: 'Europe/Berlin' },
    });
    const unknown = { door: { ...door, rules: { timeZone: 'Mars/Olympus' } } };
    expect((await running.call('PATCH', 'devices/ruled', unknown)).status).toBe(400);
  });

  it('stays the same when only the name changes, or nothing', async () => {
    const { configs } = await aDevice('renamed');
    const door = { ...(await view('renamed')).door };
    await running.call('PATCH', 'devices/renamed', { name: 'New name', door, groupIds: ['everyone'] });
    expect(await view('renamed')).toMatchObject({ name: 'New name', configRevision: 1 });
    expect(configs).toHaveLength(1);
  });

  it('that a device runs or refuses is shown', async () => {
    const { device } = await aDevice('reporting');
    await say(device, 'configReported', { revision: 1, accepted: true, message: null });
    await untilView('reporting', 'the report', ({ configReported }) => configReported?.accepted === true);
    await say(device, 'configReported', { revision: 0, accepted: false, message: 'The disk is full.' });
    const shown = await untilView(
      'reporting',
      'the refusal',
      ({ configReported }) => configReported?.accepted === false,
    );
    expect(shown.configReported).toEqual({ revision: 0, accepted: false, message: 'The disk is full.' });
    expect(shown.configRevision).toBe(1);
  });

  it('gets a higher revision when a device knows a higher one, as after a restored backup', async () => {
    const { device, configs } = await aDevice('from-the-future');
    await say(device, 'configReported', { revision: 41, accepted: false, message: 'Revision 1 is older than 41.' });
    await eventually('a newer configuration', () => configs.some(({ revision }) => revision === 42));
    expect((await view('from-the-future')).configRevision).toBe(42);
  });
});

describe('a configuration that a device has not met', () => {
  it('is published again when the device reports that it runs an older one', async () => {
    const { device, configs } = await aDevice('left-behind');
    await running.database.rows(`UPDATE device SET config_revision = 2 WHERE id = 'left-behind'`);
    await say(device, 'configReported', { revision: 1, accepted: true, message: null });
    await eventually('the wanted configuration', () => configs.some(({ revision }) => revision === 2));
    await say(device, 'configReported', { revision: 2, accepted: true, message: null });
    await untilView('left-behind', 'the report', ({ configReported }) => configReported?.revision === 2);
  });

  it('is published once per report, and not to a device that refuses it', async () => {
    const { device, configs } = await aDevice('refusing');
    await running.database.rows(`UPDATE device SET config_revision = 2 WHERE id = 'refusing'`);
    await say(device, 'configReported', { revision: 0, accepted: false, message: 'The disk is full.' });
    await say(device, 'configReported', { revision: 1, accepted: true, message: null });
    await eventually('the wanted configuration', () => configs.some(({ revision }) => revision === 2));
    await running.call('PATCH', 'devices/refusing', { groupIds: ['staff'] });
    await eventually('the next configuration', () => configs.some(({ revision }) => revision === 3));
    expect(configs.map(({ revision }) => revision)).toEqual([1, 2, 3]);
  });

  it('is published when the database answers again, after a change and after a connect of central', async () => {
    const { device, configs } = await aDevice('patient');
    await running.database.rows('ALTER TABLE schedule RENAME TO schedule_away');
    const response = await running.call('PATCH', 'devices/patient', { groupIds: ['staff'] });
    await running.database.rows('ALTER TABLE schedule_away RENAME TO schedule');
    expect(response.status).toBe(200);
    await eventually('the second configuration', () => configs.at(-1)?.revision === 2);
    await device.stop();

    await running.stopCentral();
    await running.database.rows('ALTER TABLE schedule RENAME TO schedule_away');
    await running.startCentral();
    await eventually('central connects', () => running.central.app.get(LinkService).session.connected);
    // Answered after the attempt that central made when it connected: publications follow each other.
    expect((await running.call('PATCH', 'devices/renamed', { groupIds: ['staff'] })).status).toBe(200);
    await running.database.rows('ALTER TABLE schedule_away RENAME TO schedule');
    const { identity } = device;
    const back = await running.connect({ ...identity, mqtt: { ...identity.mqtt, url: running.mqttUrl } });
    expect(await configsOf(back)).toMatchObject([{ revision: 2, groupIds: ['staff'] }]);
  });
});

/** A sign of life. */
const telemetry: PayloadOf<'telemetry'> = {
  at: '2026-05-01T10:00:00.000Z',
  uptimeS: 100,
  framesPerSecond: 4.9,
  droppedFrames: 0,
  decisionP50Ms: 40,
  decisionP95Ms: 90,
  outboxPending: 2,
  outboxBytes: 4000,
  rssBytes: 300_000_000,
  eventLoopP99Ms: 11,
  clockTrusted: true,
  engine: 'onnx',
};

describe('what a device says of itself', () => {
  it('is shown: online with its versions, offline after its Will', async () => {
    const { device } = await aDevice('living');
    const birth = aPresence();
    await say(device, 'presence', birth);
    const shown = await untilView('living', 'online', ({ online }) => online);
    expect(shown).toMatchObject({ agentVersion: '1.2.3', modelId: 'test-model', engine: 'onnx' });
    expect(shown.lastSeenAt).not.toBeNull();

    await say(device, 'presence', { ...birth, state: 'offline' });
    await untilView('living', 'offline', ({ online }) => !online);
  });

  it('is not undone by the Will of an older session that the broker sends late', async () => {
    const { device } = await aDevice('reborn');
    const older = aPresence({ since: '2026-05-01T10:00:00.000Z' });
    const newer = aPresence({ since: '2026-05-01T10:05:00.000Z', agentVersion: '2.0.0' });
    await say(device, 'presence', older);
    await say(device, 'presence', newer);
    await say(device, 'presence', { ...older, state: 'offline' });
    await say(device, 'presence', aPresence({ ...newer, engine: 'wasm' }));
    const shown = await untilView('reborn', 'the last word', ({ engine }) => engine === 'wasm');
    expect(shown).toMatchObject({ online: true, agentVersion: '2.0.0' });
  });

  it('counts even when the clock of the device was set back', async () => {
    const { device } = await aDevice('set-back');
    await say(device, 'presence', aPresence({ since: '2026-05-01T10:00:00.000Z' }));
    await say(device, 'presence', aPresence({ since: '1970-01-01T00:00:00.000Z', agentVersion: 'after' }));
    expect((await untilView('set-back', 'online', ({ agentVersion }) => agentVersion === 'after')).online).toBe(true);
  });

  it('is undone by the Will of its present session alone, whatever its clock says, and shown again by a sign of life', async () => {
    await running.database.rows('CREATE TABLE seen (n serial, online boolean)');
    await running.database.rows(`CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN INSERT INTO seen (online) VALUES (NEW.online); RETURN NULL; END $$`);
    await running.database.rows(`CREATE TRIGGER see AFTER UPDATE ON device FOR EACH ROW
      WHEN (NEW.id = 'set-back-late' AND OLD.online <> NEW.online) EXECUTE FUNCTION see()`);
    const seen = async () =>
      (await running.database.rows<{ online: boolean }>('SELECT online FROM seen ORDER BY n')).map(
        ({ online }) => online,
      );

    const { device } = await aDevice('set-back-late');
    const older = aPresence({ since: '2026-05-01T10:00:00.000Z' });
    const newer = aPresence({ since: '1970-01-01T00:00:00.000Z' });
    await say(device, 'presence', older);
    await say(device, 'presence', newer);
    await say(device, 'presence', { ...older, state: 'offline' });
    await say(device, 'presence', { ...newer, engine: 'wasm' });
    await untilView('set-back-late', 'the last word', ({ engine }) => engine === 'wasm');
    expect(await seen()).toEqual([true]);

    await say(device, 'presence', { ...newer, state: 'offline' });
    await say(device, 'telemetry', telemetry);
    await untilView('set-back-late', 'telemetry', (shown) => shown.telemetry !== null);
    expect(await seen()).toEqual([true, false, true]);

    // Nobody has heard of the birth of this one.
    await say(device, 'presence', aPresence({ state: 'offline' }));
    await untilView('set-back-late', 'offline', ({ online }) => !online);
  });

  it('does not make it online for ever: without a sign of life it is offline after a minute', async () => {
    const { device } = await aDevice('silent');
    await say(device, 'presence', aPresence());
    await untilView('silent', 'online', ({ online }) => online);
    await running.database.rows(`UPDATE device SET last_seen_at = now() - interval '61 s' WHERE id = 'silent'`);
    expect((await view('silent')).online).toBe(false);

    await say(device, 'telemetry', telemetry);
    const shown = await untilView('silent', 'online again', ({ online }) => online);
    expect(shown.telemetry).toEqual({
      at: '2026-05-01T10:00:00.000Z',
      framesPerSecond: 4.9,
      decisionP95Ms: 90,
      outboxPending: 2,
      rssBytes: 300_000_000,
      eventLoopP99Ms: 11,
      cpuShare: null,
      clockTrusted: true,
      galleryLocked: false,
      cameras: [],
      machine: null,
    });
  });

  it('shows its cameras and its machine, as far as it tells of them', async () => {
    const { device } = await aDevice('hot');
    const camera = {
      id: 'door',
      state: 'lost' as const,
      framesPerSecond: 0,
      droppedFrames: 0,
      stillFrames: 0,
      restarts: 3,
      source: '/dev/video0',
      lastProblem: 'The camera has given no frame for 10 s.',
    };
    const machine = {
      memoryUsedBytes: 2_000_000_000,
      memoryTotalBytes: 8_000_000_000,
      gpuLoad: 0.5,
      temperatures: [{ sensor: 'GPU', celsius: 62.5 }],
      power: [{ rail: 'VDD_IN', milliwatts: 4162 }],
    };
    const told = { cameras: [camera], machine, cpuShare: 0.4, galleryLocked: true };
    await say(device, 'telemetry', {
      at: '2026-05-01T10:00:00.000Z',
      uptimeS: 100,
      framesPerSecond: 0,
      droppedFrames: 0,
      decisionP50Ms: null,
      decisionP95Ms: null,
      outboxPending: 0,
      outboxBytes: 0,
      rssBytes: 300_000_000,
      eventLoopP99Ms: 1,
      clockTrusted: true,
      engine: 'onnx',
      ...told,
    });
    const shown = await untilView('hot', 'telemetry', ({ telemetry }) => telemetry !== null);
    expect(shown.telemetry).toMatchObject(told);
  });

  it('of its galleries is compared with what it should hold', async () => {
    const { device } = await aDevice('holding');
    const report = {
      groupId: 'everyone',
      epoch: 1,
      revision: 0,
      contentHash: 'a'.repeat(64),
      persons: 0,
      encodings: 0,
      state: 'current' as const,
    };
    const reportedAt = '2026-05-01T10:00:00.000Z';
    await say(device, 'galleryReported', { reportedAt, groups: [report] });
    const current = await untilView('holding', 'a report', ({ galleries }) => galleries[0]?.state === 'current');
    expect(current.galleries).toMatchObject([{ groupId: 'everyone', revision: 0, wantedRevision: 0, reportedAt }]);

    await running.database.rows(`UPDATE gallery_group SET revision = revision + 1 WHERE id = 'everyone'`);
    expect((await view('holding')).galleries[0]).toMatchObject({ state: 'behind', revision: 0, wantedRevision: 1 });

    await say(device, 'galleryReported', { reportedAt, groups: [{ ...report, state: 'failed' }] });
    await untilView('holding', 'a failure', ({ galleries }) => galleries[0]?.state === 'failed');
    await running.database.rows(`UPDATE gallery_group SET revision = revision - 1 WHERE id = 'everyone'`);
  });

  it('does not reach another device: words on foreign topics are refused by the broker', async () => {
    const { device } = await aDevice('liar');
    await running.makeDevice('honest');
    const topic = buildTopic('presence', { site: 'main', device: 'honest' });
    await device.session.publish(topic, encodePayload('presence', aPresence())).catch(() => undefined);
    await eventually('the reconnect of the liar', () => device.session.connected);
    await say(device, 'presence', aPresence());
    await untilView('liar', 'online', ({ online }) => online);
    expect((await view('honest')).online).toBe(false);
  });
});

it('is all offline after a restart of central, until devices come back, and then gets its configuration again', async () => {
  const { device } = await aDevice('restarted');
  await say(device, 'presence', aPresence());
  await untilView('restarted', 'online', ({ online }) => online);
  await device.stop();
  await running.stopCentral();
  await running.startCentral();
  expect((await view('restarted')).online).toBe(false);

  const { identity } = device;
  const back = await running.connect({ ...identity, mqtt: { ...identity.mqtt, url: running.mqttUrl } });
  expect(await configsOf(back)).toMatchObject([{ revision: 1 }]);
});
