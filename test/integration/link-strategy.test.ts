import 'reflect-metadata';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { buildTopic, type EventEnvelope, type GalleryAsk, type Presence, type TopicName } from '@latchkey/contracts';
import { bodyHashOf, LatchkeyError } from '@latchkey/domain';
import { MqttSession } from '@latchkey/link';
import {
  LatchkeyMqttStrategy,
  type LatchkeyMqttStrategyOptions,
  type LinkContext,
  LinkExceptionFilter,
} from '@latchkey/link/nest';
import {
  EmbeddedTestBroker,
  eventually,
  findMosquitto,
  type Gate,
  gate,
  MosquittoTestBroker,
  type TestBroker,
  temporaryFolder,
} from '@latchkey/testing';
import { Controller, type INestMicroservice, Module, UseFilters } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, EventPattern, type MicroserviceOptions, Payload } from '@nestjs/microservices';

const installed = findMosquitto() !== null;
const folder = temporaryFolder();
const brokers: [string, () => TestBroker][] = [
  ['the embedded broker', () => new EmbeddedTestBroker()],
  ...(installed ? [['Mosquitto', () => new MosquittoTestBroker(folder.path)] as [string, () => TestBroker]] : []),
];
afterAll(() => folder.remove());

/** What the controller below saw, and how it shall behave. */
const seen: { name: string; payload: unknown; site: string; device: string; kind: string; retained: boolean }[] = [];
let behaviour: () => Promise<void> = async () => undefined;
let finished = 0;

function note(name: string, payload: unknown, { site, device, kind, retained }: LinkContext): void {
  seen.push({ name, payload, site, device, kind, retained });
}

@Controller()
@UseFilters(LinkExceptionFilter)
class DeviceController {
  @EventPattern<TopicName>('event')
  async event(@Payload() payload: EventEnvelope, @Ctx() context: LinkContext): Promise<void> {
    note('event', payload, context);
    await behaviour();
    finished++;
  }

  @EventPattern<TopicName>('presence')
  presence(@Payload() payload: Presence, @Ctx() context: LinkContext): void {
    note('presence', payload, context);
  }

  @EventPattern<TopicName>('galleryAsk')
  ask(@Payload() payload: GalleryAsk, @Ctx() context: LinkContext): void {
    note('galleryAsk', payload, context);
  }
}

@Controller()
class SecondController {
  @EventPattern<TopicName>('presence')
  async presence(@Payload() payload: Presence, @Ctx() context: LinkContext): Promise<void> {
    note('presence, second handler', payload, context);
  }
}

@Module({ controllers: [DeviceController, SecondController] })
class DeviceModule {}

const device = { site: 'lab', device: 'door-1' };
const streamId = '5bb9b3d0-6cf4-4b53-8d4c-9e6c5ef4a001';

function anEvent(seq: number, body: unknown = { state: 'started', message: '' }): EventEnvelope {
  return {
    streamId,
    seq,
    id: '0199d7a0-0000-7000-8000-000000000001',
    kind: 'health',
    occurredAt: '2026-11-24T22:00:00.000Z',
    clockOffsetMs: null,
    clockTrusted: false,
    bodyHash: bodyHashOf(body),
    body,
  };
}

describe.each(brokers)('LatchkeyMqttStrategy on %s', (_, makeBroker) => {
  let broker = makeBroker();
  let app: INestMicroservice | null = null;
  let sender = new MqttSession({ url: broker.url, clientId: 'sender' });

  beforeEach(async () => {
    seen.splice(0);
    finished = 0;
    behaviour = async () => undefined;
    broker = makeBroker();
    await broker.start();
    sender = new MqttSession({ url: broker.url, clientId: 'sender', username: 'a', password: 'b' });
    sender.start();
    await eventually('sender connected', () => sender.connected);
  });
  afterEach(async () => {
    await app?.close();
    app = null;
    await sender.stop();
    await broker.crash();
  });

  async function listen(options: Partial<LatchkeyMqttStrategyOptions> = {}): Promise<LatchkeyMqttStrategy> {
    const strategy = new LatchkeyMqttStrategy({
      session: { url: broker.url, clientId: 'central', username: 'a', password: 'b', reconnectMinMs: 20 },
      ...options,
    });
    app = await NestFactory.createMicroservice<MicroserviceOptions>(DeviceModule, { strategy, logger: false });
    await app.listen();
    await eventually('strategy connected', () => strategy.unwrap().connected);
    return strategy;
  }

  const publish = (name: TopicName, payload: unknown, params: object = {}) =>
    sender.publish(buildTopic(name, { ...device, ...params }), JSON.stringify(payload));

  it('gives handlers the parsed payload and where it came from', async () => {
    await listen();
    await publish('event', anEvent(1), { kind: 'health' });
    await eventually('handled', () => seen.length === 1);
    expect(seen[0]).toEqual({ name: 'event', payload: anEvent(1), ...device, kind: 'health', retained: false });
  });

  it('lets the keys that Nest takes for its own pass as data', async () => {
    const body = { pattern: 'presence', data: { id: 1 }, id: 'x', response: 1, isDisposed: true, err: 'no' };
    await listen();
    await publish('event', anEvent(1, body), { kind: 'health' });
    await publish('event', anEvent(2, 'a body of another form'), { kind: 'health' });
    await eventually('handled', () => seen.length === 2);
    expect(seen.map(({ name, payload }) => [name, payload])).toEqual([
      ['event', anEvent(1, body)],
      ['event', anEvent(2, 'a body of another form')],
    ]);
  });

  it('calls every handler of a topic', async () => {
    const presence: Presence = {
      state: 'online',
      sessionId: streamId,
      since: '2026-11-24T22:00:00.000Z',
      agentVersion: '1.0.0',
      modelId: null,
      engine: null,
    };
    await sender.publish(buildTopic('presence', device), JSON.stringify(presence), { retain: true });
    await listen();
    await eventually('both', () => seen.length === 2);
    expect(new Set(seen.map(({ name }) => name))).toEqual(new Set(['presence', 'presence, second handler']));
    expect(seen.every(({ retained }) => retained)).toBe(true);
  });

  it('hands what is not of its contract to onInvalid, and goes on', async () => {
    const invalid: [string, string, string][] = [];
    await listen({
      onInvalid: (topic, bytes, error) => void invalid.push([topic, Buffer.from(bytes).toString('latin1'), error.code]),
    });
    const topic = buildTopic('event', { ...device, kind: 'health' });
    await sender.publish(topic, 'no JSON');
    await sender.publish(topic, new Uint8Array([0xff, 0xfe]));
    await sender.publish(topic, '{"pattern":"presence","data":{}}');
    await sender.publish(topic, JSON.stringify({ ...anEvent(1), kind: 'door' }));
    await sender.publish('latchkey/v1/lab/Not A Slug/event/health', JSON.stringify(anEvent(1)));
    await publish('event', anEvent(2), { kind: 'health' });
    await eventually('the good one', () => seen.length === 1);
    await eventually('the bad ones', () => invalid.length === 5);
    expect(invalid.map(([where, bytes, code]) => [where === topic, bytes.slice(0, 8), code])).toEqual([
      [true, 'no JSON', 'invalid-payload'],
      [true, 'ÿþ', 'invalid-payload'],
      [true, '{"patter', 'invalid-payload'],
      [true, '{"stream', 'invalid-payload'],
      [false, '{"stream', 'invalid-payload'],
    ]);
  });

  it('calls a handler again while the database is away', async () => {
    let attempts = 0;
    behaviour = async () => {
      if (++attempts < 3) throw new LatchkeyError('database-unavailable', 'not now');
    };
    await listen({ retryMinMs: 5 });
    await publish('event', anEvent(1), { kind: 'health' });
    await eventually('handled in the end', () => finished === 1);
    expect(attempts).toBe(3);
  });

  it('reports any other failure once, and goes on', async () => {
    const failures: unknown[] = [];
    behaviour = () => Promise.reject(new Error('a bug'));
    await listen({ onFailure: (_topic, error) => failures.push(error) });
    await publish('event', anEvent(1), { kind: 'health' });
    await eventually('reported', () => failures.length === 1);
    behaviour = async () => undefined;
    await publish('event', anEvent(2), { kind: 'health' });
    await eventually('handled', () => finished === 1);
    expect(failures).toEqual([expect.objectContaining({ message: 'a bug' })]);
  });

  it('waits at shutdown for the handlers that run', async () => {
    const door: Gate = gate();
    behaviour = () => door.opened;
    await listen();
    await publish('event', anEvent(1), { kind: 'health' });
    await eventually('begun', () => seen.length === 1);
    let closed = false;
    const closing = app?.close().then(() => {
      closed = true;
    });
    app = null;
    await publish('event', anEvent(2), { kind: 'health' });
    expect({ closed, finished }).toEqual({ closed: false, finished: 0 });
    door.open();
    await closing;
    expect({ finished, seen: seen.length }).toEqual({ finished: 1, seen: 1 });
  });

  it('refuses a pattern that is no topic of devices', async () => {
    @Controller()
    class Wrong {
      @EventPattern<string>('ack')
      ack(): void {}
    }
    @Module({ controllers: [Wrong] })
    class WrongModule {}
    const session = { url: broker.url, clientId: 'wrong' };
    const strategy = new LatchkeyMqttStrategy({ session });
    const wrong = await NestFactory.createMicroservice<MicroserviceOptions>(WrongModule, { strategy, logger: false });
    await expect(wrong.listen()).rejects.toMatchObject({ code: 'config-invalid' });
    await wrong.close();
  });
});

const mosquittoIt = installed ? it : it.skip;

describe('LatchkeyMqttStrategy with a shared subscription', () => {
  mosquittoIt('shares events between two instances, and gives each of them what the broker has kept', async () => {
    const broker = new MosquittoTestBroker(folder.file('shared'));
    await broker.start();
    const sessions = ['one', 'two'].map((clientId) => new MqttSession({ url: broker.url, clientId }));
    const sender = new MqttSession({ url: broker.url, clientId: 'sender' });
    const counts = [0, 0];
    const presences = [0, 0];
    const strategies = sessions.map((session, i) => {
      const strategy = new LatchkeyMqttStrategy({ session, sharePrefix: '$share/ingest/' });
      const count = (counters: number[]) => async () => {
        counters[i] = (counters[i] ?? 0) + 1;
      };
      strategy.addHandler('event', count(counts), true);
      strategy.addHandler('presence', count(presences), true);
      return strategy;
    });
    sender.start();
    await eventually('sender', () => sender.connected);
    const presence: Presence = {
      state: 'online',
      sessionId: streamId,
      since: '2026-11-24T22:00:00.000Z',
      agentVersion: '1.0.0',
      modelId: null,
      engine: null,
    };
    await sender.publish(buildTopic('presence', device), JSON.stringify(presence), { retain: true });
    for (const strategy of strategies) strategy.listen(() => undefined);
    await eventually('both', () => sessions.every((session) => session.connected));
    for (let seq = 1; seq <= 100; seq++) {
      await sender.publish(buildTopic('event', { ...device, kind: 'health' }), JSON.stringify(anEvent(seq)));
    }
    await eventually('every event once', () => (counts[0] ?? 0) + (counts[1] ?? 0) === 100);
    expect(Math.min(...counts)).toBeGreaterThan(0);
    expect(presences).toEqual([1, 1]);
    for (const strategy of strategies) await strategy.close();
    for (const session of [...sessions, sender]) await session.stop();
    await broker.crash();
  });
});
