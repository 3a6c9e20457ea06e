import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { LatchkeyError } from '@latchkey/domain';
import { EmbeddedBroker } from '@latchkey/embedded';
import { MqttSession, type MqttSessionOptions, type ReceivedMessage } from '@latchkey/link';
import {
  EmbeddedTestBroker,
  eventually,
  findMosquitto,
  gate,
  MosquittoTestBroker,
  TcpProxy,
  type TestBroker,
  temporaryFolder,
} from '@latchkey/testing';

const installed = findMosquitto() !== null;
if (!installed) console.warn('Mosquitto is not installed: the link is tested on the embedded broker only.');

const folder = temporaryFolder();
const brokers: [string, () => TestBroker][] = [
  ['the embedded broker', () => new EmbeddedTestBroker()],
  ...(installed ? [['Mosquitto', () => new MosquittoTestBroker(folder.path)] as [string, () => TestBroker]] : []),
];

afterAll(() => folder.remove());

describe.each(brokers)('MqttSession on %s', (_, makeBroker) => {
  let broker = makeBroker();
  const sessions: MqttSession[] = [];
  let serial = 0;

  beforeEach(async () => {
    broker = makeBroker();
    await broker.start();
  });
  afterEach(async () => {
    await Promise.all(sessions.splice(0).map((session) => session.stop()));
    await broker.crash();
  });

  function session(options: Partial<MqttSessionOptions> = {}): MqttSession {
    const made = new MqttSession({
      url: broker.url,
      clientId: `test-${serial++}`,
      username: 'anybody',
      password: 'anything',
      reconnectMinMs: 20,
      reconnectMaxMs: 200,
      ...options,
    });
    sessions.push(made);
    return made;
  }

  async function started(options: Partial<MqttSessionOptions> = {}): Promise<MqttSession> {
    const made = session(options);
    made.start();
    await eventually('connected', () => made.connected);
    return made;
  }

  const textOf = ({ payload }: ReceivedMessage) => Buffer.from(payload).toString('utf8');

  it('restores its subscriptions after the broker was away, and says so only then', async () => {
    const received: string[] = [];
    const receiver = session();
    receiver.subscribe('a/+/b', (message) => void received.push(textOf(message)));
    let connects = 0;
    receiver.onConnected(() => {
      connects++;
    });
    receiver.start();
    const sender = await started();
    await eventually('first connect', () => connects === 1);
    await sender.publish('a/1/b', 'before');
    await eventually('first message', () => received.length === 1);

    await broker.crash();
    await eventually('notices', () => !receiver.connected && !sender.connected);
    await expect(sender.publish('a/1/b', 'lost')).rejects.toMatchObject({ code: 'broker-unavailable' });
    await broker.start();
    await eventually('second connect', () => connects === 2 && sender.connected);
    await sender.publish('a/1/b', 'after');
    await eventually('second message', () => received.length === 2);
    expect(received).toEqual(['before', 'after']);
  });

  it('also asks for what the handler of a retained message subscribes to while it connects', async () => {
    const publisher = await started();
    await publisher.publish('settings', 'one', { retain: true });
    const received: string[] = [];
    const receiver = session();
    receiver.subscribe('settings', () => {
      receiver.subscribe('of/one', (message) => void received.push(textOf(message)));
    });
    receiver.start();
    await eventually('connected', () => receiver.connected);
    await eventually('the message of the later subscription', async () => {
      await publisher.publish('of/one', 'there');
      return received.length > 0;
    });
  });

  it('connects when the broker comes up later', async () => {
    await broker.crash();
    const problems: LatchkeyError[] = [];
    const early = session({ onProblem: (problem) => problems.push(problem) });
    early.start();
    await eventually('a failed attempt', () => problems.length > 0);
    await broker.start();
    await eventually('connected', () => early.connected);
    expect(problems[0]?.code).toBe('broker-unavailable');
  });

  it('acknowledges no message before its handler has finished, and all in the order in which they came', async () => {
    const proxy = new TcpProxy(broker.url);
    await proxy.start();
    const gates = new Map(['1', '2', '3'].map((name) => [name, gate()]));
    const finished: string[] = [];
    const receiver = session({ url: proxy.url });
    receiver.subscribe('work', async (message) => {
      await gates.get(textOf(message))?.opened;
      finished.push(textOf(message));
    });
    receiver.start();
    const sender = await started();
    await eventually('listening', () => receiver.connected);
    for (const name of gates.keys()) await sender.publish('work', name);

    gates.get('2')?.open();
    await eventually('the second is handled', () => finished.length === 1);
    expect(pubacksIn(proxy.clientBytes)).toEqual([]);
    gates.get('1')?.open();
    const firstTwo = await eventually('two acknowledgements', () => {
      const ids = pubacksIn(proxy.clientBytes);
      return ids.length >= 2 && ids;
    });
    expect(firstTwo).toHaveLength(2);
    gates.get('3')?.open();
    await eventually('the third', () => pubacksIn(proxy.clientBytes).length === 3);
    expect(finished).toEqual(['2', '1', '3']);
    const ids = pubacksIn(proxy.clientBytes);
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    await proxy.stop();
  });

  it('keeps its connection while a handler takes longer than the keep-alive', async () => {
    let ended = 0;
    let connects = 0;
    const receiver = session({ keepaliveS: 1 });
    receiver.subscribe('work', async () => {
      await delay(2_500);
      ended++;
    });
    receiver.onConnected(() => {
      connects++;
    });
    receiver.start();
    const sender = await started();
    await eventually('listening', () => receiver.connected);
    await sender.publish('work', 'slow');
    await eventually('the slow one', () => ended === 1);
    expect({ connects, connected: receiver.connected }).toEqual({ connects: 1, connected: true });
  });

  it('lets a handler wait for its own publish', async () => {
    const order: string[] = [];
    const receiver = session();
    receiver.subscribe('question', async () => {
      // A handler that waits for its own PUBACK must not wait for ever.
      await receiver.publish('answer', 'yes');
      order.push('handled');
    });
    receiver.start();
    const sender = session();
    sender.subscribe('answer', () => void order.push('answered'));
    sender.start();
    await eventually('both', () => receiver.connected && sender.connected);
    await sender.publish('question', '?');
    await eventually('both done', () => order.length === 2);
    expect(order.sort()).toEqual(['answered', 'handled']);
  });

  it('marks what the broker had kept, and nothing else', async () => {
    const sender = await started();
    await sender.publish('state', 'old', { retain: true });
    const received: [string, boolean][] = [];
    const receiver = session();
    receiver.subscribe('state', (message) => void received.push([textOf(message), message.retained]));
    receiver.start();
    await eventually('the kept one', () => received.length === 1);
    await sender.publish('state', 'new', { retain: true });
    await eventually('the live one', () => received.length === 2);
    expect(received).toEqual([
      ['old', true],
      ['new', false],
    ]);
  });

  it('lets the broker publish the Will of this connection when it breaks, and not when it stops', async () => {
    const wills: string[] = [];
    const watcher = session();
    watcher.subscribe('will', (message) => void wills.push(textOf(message)));
    watcher.start();
    await eventually('watching', () => watcher.connected);

    let connection = 0;
    const proxy = new TcpProxy(broker.url);
    await proxy.start();
    const fragile = await started({
      url: proxy.url,
      will: () => ({ topic: 'will', payload: `connection ${++connection}`, qos: 1, retain: false }),
    });
    proxy.cut();
    await eventually('the Will', () => wills.length === 1);
    await eventually('connected again', () => fragile.connected);
    await fragile.stop();
    await watcher.publish('will', 'end');
    await eventually('the end', () => wills.includes('end'));
    expect(wills).toEqual(['connection 1', 'end']);
    await proxy.stop();
  });

  it('goes on after a handler failed', async () => {
    const problems: string[] = [];
    const handled: string[] = [];
    const receiver = session({ onProblem: ({ message }) => problems.push(message) });
    receiver.subscribe('work', (message) => {
      if (textOf(message) === 'bad') throw new Error('no such luck');
      handled.push(textOf(message));
    });
    receiver.start();
    const sender = await started();
    await eventually('listening', () => receiver.connected);
    for (const text of ['bad', 'good']) await sender.publish('work', text);
    await eventually('the good one', () => handled.length === 1);
    expect(problems.some((problem) => problem.includes('no such luck'))).toBe(true);
  });

  it('bounds what waits for slow handlers, and asks again for what it could not take', async () => {
    const sender = await started();
    await sender.publish('state/kept', 'kept', { retain: true });
    const door = gate();
    let running = 0;
    let most = 0;
    let connects = 0;
    const seen = new Set<string>();
    const receiver = session({ maxUnhandledMessages: 5 });
    receiver.subscribe('state/#', async (message) => {
      most = Math.max(most, ++running);
      await door.opened;
      running--;
      seen.add(textOf(message));
    });
    receiver.onConnected(() => {
      connects++;
    });
    receiver.start();
    await eventually('connected', () => connects === 1);
    await Promise.all(Array.from({ length: 15 }, (_, i) => sender.publish(`state/${i}`, `${i}`, { retain: true })));
    await eventually('five at once', () => most === 5);
    expect(running).toBe(5);
    door.open();
    await eventually('all of them after connecting anew', () => seen.size === 16);
    expect(connects).toBeGreaterThan(1);
  });

  it('waits for running handlers when a subscription is closed, and takes no more', async () => {
    const events: string[] = [];
    const door = gate();
    const receiver = session();
    const subscription = receiver.subscribe('work', async () => {
      events.push('begun');
      await door.opened;
      events.push('ended');
    });
    receiver.start();
    const sender = await started();
    await eventually('listening', () => receiver.connected);
    await sender.publish('work', '1');
    await eventually('begun', () => events.length === 1);
    const closing = subscription.close().then(() => events.push('closed'));
    await sender.publish('work', '2');
    door.open();
    await closing;
    expect(events).toEqual(['begun', 'ended', 'closed']);
  });

  it('can be started and stopped twice', async () => {
    const twice = session();
    twice.start();
    twice.start();
    await eventually('connected', () => twice.connected);
    await Promise.all([twice.stop(), twice.stop()]);
    expect(twice.connected).toBe(false);
    twice.start();
    await eventually('connected again', () => twice.connected);
  });

  it('carries thousands of messages in order of one sender', async () => {
    const received: number[] = [];
    const receiver = session();
    receiver.subscribe('count', (message) => void received.push(Number(textOf(message))));
    receiver.start();
    const sender = await started();
    await eventually('listening', () => receiver.connected);
    // In windows: Mosquitto's default queue for one client holds 1,000.
    for (let start = 0; start < 4_000; start += 500) {
      await Promise.all(Array.from({ length: 500 }, (_, i) => sender.publish('count', `${start + i}`)));
      await eventually('this window', () => received.length === start + 500);
    }
    expect(received).toEqual(Array.from({ length: 4_000 }, (_, i) => i));
  });
});

it('asks again for a subscription that was refused, and says so when it is granted', async () => {
  let databaseIsAway = true;
  const broker = new EmbeddedBroker({
    authenticate: () => true,
    authorizePublish: () => true,
    authorizeSubscribe: async (_, filter) => filter !== 'group' || !databaseIsAway,
  });
  const { url } = await broker.start({ port: 0 });
  const problems: string[] = [];
  const session = new MqttSession({
    url,
    clientId: 'refused',
    username: 'anybody',
    password: 'anything',
    reconnectMinMs: 20,
    reconnectMaxMs: 100,
    onProblem: ({ message }) => problems.push(message),
  });
  const received: string[] = [];
  let told = 0;
  session.subscribe('other', () => void received.push('other'));
  session.subscribe('group', () => void received.push('group'));
  session.onConnected(() => {
    told++;
  });
  session.start();
  await eventually('connected without it', () => session.connected && problems.length > 1);
  expect(told).toBe(1);
  databaseIsAway = false;
  await eventually('told once more', () => told === 2);
  await session.publish('group', '');
  await eventually('its message', () => received.includes('group'));
  await session.stop();
  await broker.stop();
});

/** Message ids of the PUBACKs (MQTT 3.1.1 §3.4) in a stream of packets. */
function pubacksIn(bytes: Buffer): number[] {
  const ids: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const type = bytes.readUInt8(at) >> 4;
    let length = 0;
    let shift = 0;
    for (at += 1; ; at += 1) {
      const digit = bytes.readUInt8(at);
      length |= (digit & 0x7f) << shift;
      shift += 7;
      if (digit < 0x80) break;
    }
    at += 1;
    if (type === 4) ids.push(bytes.readUInt16BE(at));
    at += length;
  }
  return ids;
}
