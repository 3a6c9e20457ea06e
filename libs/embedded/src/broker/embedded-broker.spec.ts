import { createConnection, createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import mqtt, { type MqttClient } from 'mqtt';
import { freePort } from '../free-port.ts';
import { EmbeddedBroker } from './embedded-broker.ts';

/** Each user writes and reads below its own name; `central` may do all. */
const hooks = {
  authenticate: async (clientId: string, username: string, password: string) =>
    clientId.startsWith(username) && password === `${username}-password`,
  authorizePublish: (username: string, topic: string) => username === 'central' || topic.startsWith(`${username}/`),
  authorizeSubscribe: async (username: string, filter: string) => {
    if (filter.includes('fault')) throw new Error('the hook failed');
    return username === 'central' || filter.startsWith(`${username}/`);
  },
};

let broker: EmbeddedBroker;
let url: string;
let clients: MqttClient[];

beforeEach(async () => {
  clients = [];
  broker = new EmbeddedBroker(hooks);
  ({ url } = await broker.start({ port: 0 }));
});

afterEach(async () => {
  await Promise.all(clients.map((client) => client.endAsync(true)));
  await broker.stop();
});

async function connect(username: string, options: mqtt.IClientOptions = {}): Promise<MqttClient> {
  const client = await mqtt.connectAsync(url, {
    username,
    password: `${username}-password`,
    clientId: `${username}-${clients.length}`,
    protocolVersion: 4,
    reconnectPeriod: 0,
    ...options,
  });
  clients.push(client);
  return client;
}

function nextMessage(client: MqttClient): Promise<string> {
  return new Promise((resolve) =>
    client.once('message', (topic, payload) => resolve(`${topic} ${payload.toString()}`)),
  );
}

function closed(client: MqttClient): Promise<void> {
  return new Promise((resolve) => client.once('close', resolve));
}

describe('EmbeddedBroker', () => {
  it('carries messages between those who may', async () => {
    const [central, door] = [await connect('central'), await connect('door')];
    await central.subscribeAsync('door/event', { qos: 1 });
    const arrived = nextMessage(central);
    await door.publishAsync('door/event', 'opened', { qos: 1 });
    expect(await arrived).toBe('door/event opened');
  });

  it.each([
    ['a wrong password', { password: 'guess' }],
    ['a foreign client id', { clientId: 'central-1' }],
    ['no user', { username: undefined, password: undefined }],
  ])('refuses %s', async (_, options) => {
    await expect(connect('door', options)).rejects.toThrow(/Bad username or password/);
  });

  it('disconnects who publishes where it may not, and delivers nothing of it', async () => {
    const [central, door] = [await connect('central'), await connect('door')];
    await central.subscribeAsync('#', { qos: 1 });
    const seen: string[] = [];
    const fence = new Promise<void>((resolve) => {
      central.on('message', (topic) => {
        seen.push(topic);
        if (topic === 'central/fence') resolve();
      });
    });
    const gone = closed(door);
    door.publish('gate/event', 'forged', { qos: 1 });
    await gone;
    const again = await connect('door');
    await again.publishAsync('door/event', 'mine', { qos: 1 });
    await central.publishAsync('central/fence', '', { qos: 1 });
    await fence;
    expect(seen).toEqual(['door/event', 'central/fence']);
  });

  it('disconnects at its header whoever begins a packet of more than a megabyte, known or not', async () => {
    const stranger = createConnection({ port: Number(new URL(url).port), host: '127.0.0.1' });
    stranger.on('error', () => undefined);
    const gone = new Promise((resolve) => stranger.once('close', resolve));
    // CONNECT with 201 MB to come.
    stranger.write(Buffer.from([0x10, 0x80, 0x80, 0x80, 0x60]));
    await gone;
    const [central, door] = [await connect('central'), await connect('door')];
    await central.subscribeAsync('door/event', { qos: 1 });
    const arrived = nextMessage(central);
    await door.publishAsync('door/event', 'x'.repeat(1024 * 1024 - 100), { qos: 1 });
    expect(await arrived).toHaveLength('door/event '.length + 1024 * 1024 - 100);
    const cutOff = closed(door);
    door.publish('door/event', 'x'.repeat(1024 * 1024), { qos: 1 });
    await cutOff;
    expect(central.connected).toBe(true);
  });

  it('refuses subscriptions that are not allowed, and those whose hook fails', async () => {
    const door = await connect('door');
    for (const filter of ['gate/#', '#', '+/event', 'door/fault']) {
      await expect(door.subscribeAsync(filter, { qos: 1 })).rejects.toThrow();
    }
  });

  it('keeps what a persistent session was refused from it, also after a reconnect', async () => {
    const central = await connect('central');
    const session = { clean: false, clientId: 'door-persistent' };
    const first = await connect('door', session);
    await first.subscribeAsync({ 'door/in': { qos: 1 }, 'gate/in': { qos: 1 } }).catch(() => {});
    await first.endAsync();
    await central.publishAsync('gate/in', 'not for you', { qos: 1 });
    await central.publishAsync('door/in', 'for you', { qos: 1 });
    const second = mqtt.connect(url, { username: 'door', password: 'door-password', protocolVersion: 4, ...session });
    clients.push(second);
    expect(await nextMessage(second)).toBe('door/in for you');
  });

  it('delivers the Will of a client that vanishes, checked as any other message', async () => {
    const central = await connect('central');
    await central.subscribeAsync('+/presence', { qos: 1 });
    const will = (topic: string) => ({
      will: { topic, payload: Buffer.from('offline'), qos: 1 as const, retain: false },
    });
    const forger = await connect('gate', will('door/presence'));
    const door = await connect('door', will('door/presence'));
    forger.stream.destroy();
    const arrived = nextMessage(central);
    door.stream.destroy();
    expect(await arrived).toBe('door/presence offline');
  });

  it('disconnects a user on demand, and nobody else', async () => {
    const [central, door] = [await connect('central'), await connect('door')];
    const gone = closed(door);
    await broker.disconnectClient('door');
    await gone;
    expect(central.connected).toBe(true);
  });

  it('steps over a port that is taken', async () => {
    const other = createServer();
    const from = await freePort(20_000);
    await new Promise<void>((resolve) => other.listen(from, '127.0.0.1', resolve));
    const second = new EmbeddedBroker(hooks);
    expect((await second.start({ port: from })).port).toBeGreaterThan(from);
    await second.stop();
    await new Promise((resolve) => other.close(resolve));
  });

  it('can be started and stopped twice, and started again', async () => {
    expect(await broker.start({ port: 0 })).toEqual(await broker.start({ port: 0 }));
    await broker.stop();
    await broker.stop();
    ({ url } = await broker.start({ port: 0 }));
    expect((await connect('door')).connected).toBe(true);
  });
});
