import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AgentIdentity, topics } from '@latchkey/contracts';
import { eventually } from '@latchkey/testing';
import { connectAsync, type MqttClient, type Packet } from 'mqtt';
import { aFace, anEvent, type RawDevice } from './raw-device.ts';
import { RunningCentral } from './running-central.ts';

const running = new RunningCentral();
const clients: MqttClient[] = [];
let identity: AgentIdentity;
let victim: RawDevice;

beforeAll(async () => {
  await running.start();
  identity = await running.makeDevice('door-1');
  victim = await running.connect(await running.makeDevice('door-2'));
  await running.call('POST', 'groups', { id: 'staff', name: 'Staff' });
});
afterAll(async () => {
  for (const client of clients) await client.endAsync(true);
  await running.stop();
});

/** Connects as door-1, or as what is given. */
async function connect(options: { clientId?: string; username?: string; password?: string; clean?: boolean } = {}) {
  const { url, username, password } = identity.mqtt;
  const client = await connectAsync(url, {
    clientId: 'main/door-1',
    username,
    password,
    reconnectPeriod: 0,
    ...options,
  });
  clients.push(client);
  return client;
}

/** What the broker grants for each filter; 128: refused. */
async function granted(client: MqttClient, ...filters: readonly string[]): Promise<number[]> {
  return new Promise((resolve) => {
    const listen = (packet: Packet): void => {
      if (packet.cmd !== 'suback') return;
      client.off('packetreceive', listen);
      resolve(packet.granted.map(Number));
    };
    client.on('packetreceive', listen);
    client.subscribe([...filters], { qos: 1 }, () => undefined);
  });
}

describe('connecting', () => {
  it.each([
    ['a wrong password', { password: 'x' }],
    ['an empty password', { password: '' }],
    ['the name of a device that does not exist', { username: 'main/door-9', clientId: 'main/door-9' }],
    ['the device at another site', { username: 'paris/door-1', clientId: 'paris/door-1' }],
    ['the name of another device', { username: 'main/door-2', clientId: 'main/door-2' }],
    ["central's name", { username: '_central' }],
    ['no name', { username: '' }],
    ["another device's client id", { clientId: 'main/door-2' }],
    ['a client id of no device', { clientId: 'door-1' }],
  ])('is refused with %s', async (_, options) => {
    await expect(connect(options)).rejects.toThrow(/Not authorized|Bad username or password|Connection refused/i);
    expect(victim.session.connected).toBe(true);
  });

  it('succeeds with what the identity file says', async () => {
    const client = await connect();
    expect(client.connected).toBe(true);
    await client.endAsync();
  });
});

describe('subscribing', () => {
  it('is granted for what central says to the device and its groups, and for nothing else', async () => {
    const client = await connect();
    const own = 'latchkey/v1/main/door-1';
    expect(await granted(client, `${own}/ack`)).toEqual([1]);
    expect(await granted(client, `${own}/config/desired`)).toEqual([1]);
    expect(await granted(client, `${own}/gallery/answer`)).toEqual([1]);
    expect(await granted(client, 'latchkey/v1/main/_groups/everyone/changes')).toEqual([1]);

    for (const filter of [
      'latchkey/v1/main/_groups/staff/changes',
      'latchkey/v1/main/_groups/+/changes',
      'latchkey/v1/main/door-2/ack',
      'latchkey/v1/main/+/ack',
      'latchkey/v1/+/door-1/ack',
      `${own}/#`,
      '#',
      '+/#',
      '$SYS/#',
      `${own}/event/verification`,
    ]) {
      expect([filter, await granted(client, filter)]).toEqual([filter, [128]]);
    }
    await client.endAsync();
  });

  it('to a group follows membership: granted after joining, cut off after leaving', async () => {
    const topic = 'latchkey/v1/main/_groups/staff/changes';
    await running.call('PATCH', 'devices/door-1', { groupIds: ['everyone', 'staff'] });
    const member = await connect();
    expect(await granted(member, topic)).toEqual([1]);

    const closed = new Promise<void>((resolve) => member.once('close', () => resolve()));
    await running.call('PATCH', 'devices/door-1', { groupIds: ['everyone'] });
    await closed;

    const left = await connect();
    expect(await granted(left, topic)).toEqual([128]);
    await left.endAsync();
  });

  it('in a persistent session does not leak what was refused, even after a reconnect', async () => {
    const first = await connect({ clean: false });
    await granted(first, 'latchkey/v1/main/door-1/ack', 'latchkey/v1/main/door-2/ack');
    await first.endAsync(true);
    const streamId = randomUUID();
    await victim.send(anEvent('unknown', aFace(), { streamId, seq: 1 }));
    await victim.untilCommitted(streamId, 1);

    const again = await connect({ clean: false });
    const got: string[] = [];
    again.on('message', (topic) => got.push(topic));
    const mine = randomUUID();
    await again.publishAsync(
      'latchkey/v1/main/door-1/event/unknown',
      JSON.stringify(anEvent('unknown', aFace(), { streamId: mine, seq: 1 })),
      { qos: 1 },
    );
    await eventually('the own acknowledgement', () => got.length > 0);
    expect(got).toEqual(['latchkey/v1/main/door-1/ack']);
    await again.endAsync();
  });
});

describe('publishing', () => {
  it.each([
    ["another device's event", 'latchkey/v1/main/door-2/event/unknown'],
    ["another site's event", 'latchkey/v1/paris/door-1/event/unknown'],
    ['an acknowledgement to itself', 'latchkey/v1/main/door-1/ack'],
    ['an acknowledgement to another', 'latchkey/v1/main/door-2/ack'],
    ['its own configuration', 'latchkey/v1/main/door-1/config/desired'],
    ['a change of a gallery', 'latchkey/v1/main/_groups/everyone/changes'],
    ['a topic of nobody', 'something/else'],
  ])('%s is refused, and nobody gets it', async (_, topic) => {
    const acks = victim.acks.length;
    const client = await connect();
    const streamId = randomUUID();
    const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
    // The broker ends the connection of who publishes what it may not; MQTT 3.1.1 has no other way to say so.
    client.publish(
      topic,
      JSON.stringify(anEvent('unknown', aFace(), { streamId, seq: 1 })),
      { qos: 1 },
      () => undefined,
    );
    await closed;
    const own = randomUUID();
    await victim.send(anEvent('unknown', aFace(), { streamId: own, seq: 1 }));
    await victim.untilCommitted(own, 1);
    expect(await running.database.rows('SELECT FROM event WHERE stream_id = $1', [streamId])).toEqual([]);
    expect(victim.acks.length).toBe(acks + 1);
  });
});

describe('a deleted device', () => {
  it('is disconnected at once and cannot come back', async () => {
    const doomed = await running.connect(await running.makeDevice(`door-${randomBytes(3).toString('hex')}`));
    const { deviceId, mqtt } = doomed.identity;
    const gone = new Promise<void>((resolve) => doomed.session.onDisconnected(resolve));
    expect((await running.call('DELETE', `devices/${deviceId}`)).status).toBe(204);
    await gone;
    await doomed.stop();
    const { username, password } = mqtt;
    await expect(connect({ clientId: `main/${deviceId}`, username, password })).rejects.toThrow();
  });
});

it('signs everything that central says', () => {
  const central = Object.values(topics).filter(({ from }) => from === 'central');
  expect(central.every(({ signedBy }) => signedBy !== null)).toBe(true);
});
