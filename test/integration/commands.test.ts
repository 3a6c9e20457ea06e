import { existsSync, readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type CommandCall, type CommandView, commandView, type DeviceView, type EventView } from '@latchkey/contracts';
import { anImage, eventually } from '@latchkey/testing';
import { LinkService } from '../../apps/central/src/link/link.service.ts';
import { CommandedDevice } from './commanded-device.ts';
import { RunningCentral } from './running-central.ts';

const running = new RunningCentral();

/** A message as it went over the broker. */
interface Captured {
  readonly topic: string;
  readonly payload: Uint8Array;
}

/** Everything that was said of commands, as somebody with full rights on the broker hears it. */
const heard: Captured[] = [];

beforeAll(async () => {
  await running.start();
  attacker().subscribe('latchkey/v1/+/+/command/#', ({ topic, payload }) => {
    heard.push({ topic, payload: Buffer.from(payload) });
  });
});
afterAll(() => running.stop());

/** Whoever owns the broker may say anything on any topic; what he has not is central's signing key. */
function attacker() {
  return running.central.app.get(LinkService).session;
}

async function give(deviceId: string, call: CommandCall): Promise<CommandView> {
  const response = await running.call('POST', `devices/${deviceId}/commands`, call);
  if (response.status !== 202) throw new Error(`${response.status} ${await response.text()}`);
  return commandView.parse(await response.json());
}

const get = (id: string) => running.get<CommandView>(`commands/${id}`);

/** How a command ended. */
function ended(id: string): Promise<CommandView> {
  return eventually(`the end of ${id}`, async () => {
    const view = await get(id);
    return view.endedAt !== null && view;
  });
}

async function online(deviceId: string): Promise<void> {
  await eventually('it is online', async () => (await running.get<DeviceView>(`devices/${deviceId}`)).online);
}

async function eventsOf(deviceId: string, kind: string): Promise<readonly EventView[]> {
  const { items } = await running.get<{ items: EventView[] }>(`events?deviceId=${deviceId}&kind=${kind}&limit=100`);
  return items.toReversed();
}

/** What was refused so far, by kind. */
async function tampers(deviceId: string): Promise<readonly string[]> {
  return (await eventsOf(deviceId, 'tamper')).map(({ body }) => String(body?.what));
}

let devices = 0;
let id: string;
let device: CommandedDevice;

beforeEach(async () => {
  id = `door-${++devices}`;
  device = new CommandedDevice(await running.makeDevice(id));
  await device.start();
  await online(id);
  heard.length = 0;
});
afterEach(() => device.remove());

/** The signed message that moved the door. */
async function opening(): Promise<Captured> {
  const { id: commandId } = await give(id, { name: 'open-door' });
  expect(await ended(commandId)).toMatchObject({ state: 'done' });
  const message = heard.filter(({ topic }) => topic.endsWith('/command/open-door')).at(-1);
  if (!message) throw new Error('nothing was heard');
  return message;
}

/** Long enough for a message to be heard and to move something if it could. */
async function said({ topic, payload }: Captured, retain = false): Promise<void> {
  await attacker().publish(topic, payload, { qos: 1, retain });
  await delay(100);
}

describe('a command', () => {
  it('opens the door, with an event on disk before it moves and one of what the actuator did', async () => {
    const { id: commandId, state, by } = await give(id, { name: 'open-door' });
    expect([state === 'waiting' || state === 'sent' || state === 'done', by]).toEqual([true, 'admin@latchkey.local']);
    expect(await ended(commandId)).toMatchObject({ state: 'done', message: 'The door was opened.' });
    expect(device.door.openings).toHaveLength(1);
    const events = await eventually('both events', async () => {
      const found = await eventsOf(id, 'door');
      return found.length >= 2 && found;
    });
    expect(events.map(({ body }) => body)).toMatchObject([
      { action: 'commanded', origin: 'command', commandId, personId: null },
      { action: 'opened', origin: 'command', personId: null },
    ]);
    expect(await running.get<CommandView[]>(`devices/${id}/commands`)).toMatchObject([
      { id: commandId, state: 'done' },
    ]);
  });

  it('says that the actuator did not answer', async () => {
    device.door.failure = new Error('stuck');
    const { id: commandId } = await give(id, { name: 'open-door' });
    expect(await ended(commandId)).toMatchObject({ state: 'failed' });
  });

  it('gets a picture out of a camera, for operators', async () => {
    const { id: commandId } = await give(id, { name: 'snapshot' });
    const frame = { image: anImage(), capturedAt: 0, capturedMonotonicMs: 0, cameraId: 'main', source: 'test' };
    const filming = setInterval(() => device.camera.show(frame), 20);
    await ended(commandId).finally(() => clearInterval(filming));
    expect(await get(commandId)).toMatchObject({ state: 'done', hasPicture: true });
    const picture = await running.call('GET', `commands/${commandId}/picture`);
    expect(picture.headers.get('content-type')).toBe('image/jpeg');
    expect([...new Uint8Array(await picture.arrayBuffer())].slice(0, 3)).toEqual([0xff, 0xd8, 0xff]);
  });

  it('asks for every gallery anew', async () => {
    const { id: commandId } = await give(id, { name: 'resync' });
    expect(await ended(commandId)).toMatchObject({ state: 'done', message: '1 gallery is asked for anew.' });
  });

  it('refuses to look for somebody whom the device does not hold', async () => {
    const personId = '0190a0f0-0000-7000-8000-000000000001';
    const { id: commandId } = await give(id, { name: 'identify', personId, forS: 5 });
    expect(await ended(commandId)).toMatchObject({ state: 'refused' });
  });

  it('restarts the agent after central was told', async () => {
    const { id: commandId } = await give(id, { name: 'restart' });
    expect(await ended(commandId)).toMatchObject({ state: 'done' });
    await eventually('it ends', () => device.ends.length > 0);
    expect(device.ends).toEqual(['restart']);
  });

  it('waits for a device that is away when it can, and not when somebody stands before the door', async () => {
    await device.stop();
    await eventually('it is away', async () => !(await running.get<DeviceView>(`devices/${id}`)).online);
    const refused = await running.call('POST', `devices/${id}/commands`, { name: 'open-door' });
    expect([refused.status, await refused.json()]).toMatchObject([409, { code: 'device-offline' }]);
    const { id: commandId, state } = await give(id, { name: 'resync' });
    expect(state).toBe('waiting');
    await delay(3_100);
    await device.start();
    expect(await ended(commandId)).toMatchObject({ state: 'done' });
  });

  it('wipes a device: nothing of it is left there, and its password opens nothing', async () => {
    const { id: commandId } = await give(id, { name: 'wipe' });
    expect(await ended(commandId)).toMatchObject({ state: 'done' });
    await eventually('it ends', () => device.ends.length > 0);
    expect(readdirSync(device.agentDir)).toEqual([]);
    expect(existsSync(`${device.agentDir}/agent.json`)).toBe(false);
    expect(await running.get<DeviceView>(`devices/${id}`)).toMatchObject({ galleries: [] });
    await device.start();
    await delay(500);
    expect((await running.get<DeviceView>(`devices/${id}`)).online).toBe(false);
  });

  it('is for operators and admins, and wiping for admins alone', async () => {
    for (const [role, call, status] of [
      ['viewer', { name: 'resync' }, 403],
      ['enroller', { name: 'open-door' }, 403],
      ['operator', { name: 'wipe' }, 403],
      ['operator', { name: 'resync' }, 202],
    ] as const) {
      const email = `${role}-${call.name}-${devices}@example.org`;
      const password = 'correct horse battery staple';
      expect((await running.call('POST', 'accounts', { email, password, role })).status).toBe(201);
      const login = await running.call('POST', 'auth/login', { email, password }, '');
      const { token } = (await login.json()) as { token: string };
      expect((await running.call('POST', `devices/${id}/commands`, call, token)).status).toBe(status);
    }
  });
});

describe('no door moves', () => {
  it('when the message that moved it comes again, at once or late: one tamper event', async () => {
    const message = await opening();
    await said(message);
    await said(message);
    device.clock.bootOffsetMs += 3_600_000;
    await said(message);
    expect(device.door.openings).toHaveLength(1);
    await eventually('it is told', async () => (await tampers(id)).length > 0);
    expect(await tampers(id)).toEqual(['replayed']);
  });

  it('when every message of the command is said again, in any order', async () => {
    await opening();
    const captured = heard.filter(({ topic }) => topic.includes(`/${id}/`));
    expect(captured.length).toBeGreaterThanOrEqual(4);
    for (const message of [...captured, ...captured.toReversed()]) await said(message);
    expect(device.door.openings).toHaveLength(1);
    expect((await running.get<CommandView[]>(`devices/${id}/commands`)).map(({ state }) => state)).toEqual(['done']);
  });

  it('by a retained copy: one tamper event when the device connects again', async () => {
    const message = await opening();
    await attacker().publish(message.topic, message.payload, { qos: 1, retain: true });
    await device.stop();
    await device.start();
    await eventually('it is told', async () => (await tampers(id)).includes('retained'));
    expect(device.door.openings).toHaveLength(1);
    expect((await tampers(id)).filter((what) => what === 'retained')).toHaveLength(1);
    await attacker().publish(message.topic, '', { qos: 1, retain: true });
  });

  it('at another device: one tamper event there', async () => {
    const message = await opening();
    const otherId = `other-${id}`;
    const other = new CommandedDevice(await running.makeDevice(otherId));
    try {
      await other.start();
      await online(otherId);
      await said({ ...message, topic: message.topic.replace(`/${id}/`, `/${otherId}/`) });
      await eventually('it is told', async () => (await tampers(otherId)).length > 0);
      expect([await tampers(otherId), other.door.openings]).toEqual([['signature-invalid'], []]);
    } finally {
      await other.remove();
    }
  });

  it('with a byte changed, wherever it is', async () => {
    const message = await opening();
    const before = device.door.openings.length;
    for (let at = 0; at < message.payload.length; at += 7) {
      const payload = Buffer.from(message.payload);
      payload[at] = (payload[at] ?? 0) ^ 1;
      await attacker().publish(message.topic, payload, { qos: 1 });
    }
    await delay(300);
    expect(device.door.openings).toHaveLength(before);
    await eventually('it is told', async () => (await tampers(id)).length > 0);
    expect(new Set(await tampers(id))).toEqual(new Set(['signature-invalid']));
  });

  it('when the answer comes after its five seconds of the boot clock, whatever the wall clock says', async () => {
    for (const wallOffsetMs of [0, -3_600_000, 3_600_000, -Date.now()]) {
      device.clock.wallOffsetMs = wallOffsetMs;
      const openings = device.door.openings.length;
      // Time passes on the device between its challenge and central's answer.
      const stop = whenAsked(() => {
        device.clock.bootOffsetMs += 5_000;
      });
      const { id: commandId } = await give(id, { name: 'open-door' });
      expect(await ended(commandId)).toMatchObject({ state: 'refused' });
      stop();
      expect(device.door.openings).toHaveLength(openings);
    }
  });

  it('with clocks slow, fast and at 1970, by what was captured under the right one', async () => {
    const message = await opening();
    for (const wallOffsetMs of [-3_600_000, 3_600_000, -Date.now()]) {
      device.clock.wallOffsetMs = wallOffsetMs;
      await said(message);
      await device.stop();
      await device.start();
      await said(message);
    }
    expect(device.door.openings).toHaveLength(1);
    expect(new Set(await tampers(id))).toEqual(new Set(['replayed']));
  });

  it('after yesterday’s disk was put back', async () => {
    await device.stop();
    device.keepImage();
    await device.start();
    await online(id);
    await opening();
    const captured = heard.filter(({ topic }) => topic.includes(`/${id}/`));
    await device.stop();
    device.restoreImage();
    await device.start();
    await delay(300);
    for (const message of captured) await said(message);
    expect(device.door.openings).toHaveLength(1);
    await eventually('it is told', async () => (await tampers(id)).includes('replayed'));
  });

  it('after a wipe, when the device has joined again', async () => {
    await opening();
    const captured = heard.filter(({ topic }) => topic.includes(`/${id}/`));
    const { id: commandId } = await give(id, { name: 'wipe' });
    await ended(commandId);
    await eventually('it ends', () => device.ends.length > 0);
    expect((await running.call('DELETE', `devices/${id}`)).status).toBe(204);
    device.provision(await running.makeDevice(id));
    await device.start();
    await online(id);
    for (const message of captured) await said(message);
    expect(device.door.openings).toHaveLength(1);
    await eventually('it is told', async () => (await tampers(id)).includes('replayed'));
    expect(await running.get<CommandView[]>(`devices/${id}/commands`)).toEqual([]);
  });
});

/** Calls back when a challenge passes the broker. @returns what ends that. */
function whenAsked(act: () => void): () => void {
  const subscription = attacker().subscribe(`latchkey/v1/main/${id}/command/open-door/result`, ({ payload }) => {
    if (Buffer.from(payload).toString().includes('"challenge"')) act();
  });
  return () => void subscription.close();
}
