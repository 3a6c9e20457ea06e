import { describe, expect, it } from '@jest/globals';
import type { EventEnvelope, EventKind } from '@latchkey/contracts';
import { bodyHashOf } from '@latchkey/domain';
import { readIncoming } from './incoming-event.ts';

const streamId = '0b1c8a52-6c1c-4a57-9d7e-2b8d5a4d9c11';
const otherStream = '7f0e6a3a-1d6b-4d39-8a13-93a5a5a9f2b4';
const personId = '3f1f0d3e-7f1b-4bd3-9f0c-2f6f5e0f7a10';
const trackId = 'f4f5a9ce-5f0c-4b43-9a4e-0c2c0a4b9f0e';

function anEnvelope(kind: EventKind, body: unknown, overrides: Partial<EventEnvelope> = {}): EventEnvelope {
  return {
    streamId,
    seq: 7,
    id: '01935b2a-0000-7000-8000-000000000001',
    kind,
    occurredAt: '2026-11-24T22:00:00.000Z',
    clockOffsetMs: null,
    clockTrusted: false,
    bodyHash: bodyHashOf(body),
    body,
    ...overrides,
  };
}

function read(envelope: EventEnvelope) {
  return readIncoming(envelope, { siteId: 'main', deviceId: 'door-1', raw: Buffer.from(JSON.stringify(envelope)) });
}

describe('a right body', () => {
  it('gives the columns of the log', () => {
    const door = { action: 'opened', trackId, personId, reasons: ['matched'] };
    const event = read(anEnvelope('door', door));
    expect(event).toMatchObject({ siteId: 'main', deviceId: 'door-1', personId, decision: null, rejection: null });
    expect(JSON.parse(event.body ?? '')).toEqual(door);
  });

  it('is hashed whatever the order of its keys', () => {
    const envelope = anEnvelope('health', { state: 'started', message: '' });
    expect(read({ ...envelope, body: { message: '', state: 'started' } }).rejection).toBeNull();
  });

  it('may hold backslashes and what looks like an escape', () => {
    const message = 'C:\\u0000 and \\\\u0000 and \ud83d\ude00';
    expect(read(anEnvelope('health', { state: 'started', message })).rejection).toBeNull();
  });
});

describe('a wrong body', () => {
  it.each([
    ['of another kind', 'health', { action: 'opened', trackId, personId: null, reasons: [] }, 'invalid-payload'],
    ['with a field too many', 'health', { state: 'started', message: '', colour: 'red' }, 'invalid-payload'],
    ['that is no object', 'health', 'started', 'invalid-payload'],
    ['with a NUL character', 'health', { state: 'started', message: 'a\u0000' }, 'invalid-payload'],
    ['with a NUL character behind a backslash', 'health', { state: 'started', message: '\\\u0000' }, 'invalid-payload'],
  ] as const)('%s is rejected and not kept as a body', (_, kind, body, code) => {
    const event = read(anEnvelope(kind, body));
    expect(event.rejection?.code).toBe(code);
    expect(event.body).toBeNull();
  });

  it.each([
    ['another', { state: 'started', message: 'x' }],
    ['none that can be hashed', { state: 'started', message: '\ud800' }],
    ['missing', undefined],
  ])('that is not what its hash names is rejected: %s', (_, body) => {
    const envelope = anEnvelope('health', { state: 'started', message: '' });
    expect(read({ ...envelope, body }).rejection?.code).toBe('body-hash-mismatch');
  });

  it('nested a hundred thousand levels deep is rejected and takes nobody down', () => {
    const body: unknown = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    const envelope = { ...anEnvelope('health', {}), body };
    const event = readIncoming(envelope, { siteId: 'main', deviceId: 'door-1', raw: new Uint8Array(200_000) });
    expect(event.rejection).not.toBeNull();
  });
});

describe('a picture', () => {
  const health = { state: 'started', message: '' };
  it.each([
    ['a JPEG', 'ffd8ffe000104a46', true],
    ['a PNG', '89504e470d0a1a0a', false],
    ['nothing', '', false],
  ])('is kept only when it is a JPEG: %s', (_, hex, kept) => {
    const thumbnail = Buffer.from(hex, 'hex').toString('base64');
    const event = read(anEnvelope('health', health, { thumbnail }));
    expect(event.rejection).toBeNull();
    expect(event.thumbnail !== null).toBe(kept);
  });
});

describe('dropped numbers', () => {
  it('are those of its own stream when it names none', () => {
    const event = read(anEnvelope('dropped', { from: 2, to: 5, count: 4 }));
    expect(event.dropped).toEqual([{ streamId, from: 2, to: 5 }]);
  });

  it('are those of all streams that it names, without ranges that hold nothing', () => {
    const streams = [
      {
        streamId: otherStream,
        ranges: [
          [1, 3],
          [9, 8],
        ],
      },
      { streamId, ranges: [[5, 5]] },
    ];
    expect(read(anEnvelope('dropped', { from: 1, to: 9, count: 4, streams })).dropped).toEqual([
      { streamId: otherStream, from: 1, to: 3 },
      { streamId, from: 5, to: 5 },
    ]);
  });
});
