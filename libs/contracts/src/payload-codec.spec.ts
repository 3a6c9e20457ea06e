import { describe, expect, it } from '@jest/globals';
import { decodePayload, encodePayload } from './payload-codec.ts';
import type { PayloadOf } from './topics.ts';

const presence: PayloadOf<'presence'> = {
  state: 'online',
  sessionId: '0190a3a0-0000-7000-8000-000000000001',
  since: '2026-11-24T12:00:00.000Z',
  agentVersion: '0.1.0',
  modelId: null,
  engine: null,
};

describe('payload codec', () => {
  it('gives back what was encoded, from text and from bytes', () => {
    const text = encodePayload('presence', presence);
    expect(decodePayload('presence', text)).toEqual(presence);
    expect(decodePayload('presence', new TextEncoder().encode(text))).toEqual(presence);
  });

  it.each<[string, Uint8Array | string]>([
    ['nothing', ''],
    ['half of it', '{"state":"onl'],
    ['bytes that are no UTF-8', Uint8Array.of(0x22, 0xff, 0x22)],
    ['another type', '[]'],
    ['a missing field', JSON.stringify({ ...presence, since: undefined })],
    ['a field too many', JSON.stringify({ ...presence, admin: true })],
    ['a time without milliseconds', JSON.stringify({ ...presence, since: '2026-11-24T12:00:00Z' })],
    ['a state that is none', JSON.stringify({ ...presence, state: 'asleep' })],
  ])('refuses %s', (_, bytes) => {
    expect(() => decodePayload('presence', bytes)).toThrow(expect.objectContaining({ code: 'invalid-payload' }));
  });

  it('says which field is wrong', () => {
    expect(() => decodePayload('presence', JSON.stringify({ ...presence, sessionId: 'x' }))).toThrow(/sessionId/);
  });
});
