import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Backoff } from './backoff.ts';
import { OrderedAcks } from './ordered-acks.ts';
import { topicMatches } from './topic-match.ts';

describe('topicMatches', () => {
  it.each([
    ['a/b/c', 'a/b/c', true],
    ['a/+/c', 'a/b/c', true],
    ['a/+/c', 'a//c', true],
    ['+/+', '/b', true],
    ['a/#', 'a/b/c', true],
    ['a/#', 'a', true],
    ['#', 'a/b', true],
    ['a/+', 'a', false],
    ['a/+', 'a/b/c', false],
    ['a/b', 'a/b/c', false],
    ['a/b/c', 'a/b', false],
    ['a/B', 'a/b', false],
    ['#', '$SYS/broker', false],
    ['+/broker', '$SYS/broker', false],
    ['$SYS/#', '$SYS/broker', true],
    ['$share/ingest/a/+/c', 'a/b/c', true],
    ['$share/ingest/a/+/c', '$share/ingest/a/b/c', false],
  ])('%s takes %s: %s', (filter, topic, expected) => {
    expect(topicMatches(filter, topic)).toBe(expected);
  });
});

describe('Backoff', () => {
  it('waits between half and all of a step that doubles up to its limit, and begins again when told', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.nat({ max: 50 }), (random, attempts) => {
        const backoff = new Backoff({ minMs: 1_000, maxMs: 30_000, random: () => random });
        for (let i = 0; i < attempts; i++) backoff.nextMs();
        const step = Math.min(30_000, 1_000 * 2 ** attempts);
        const waitMs = backoff.nextMs();
        expect(waitMs).toBeGreaterThanOrEqual(step / 2);
        expect(waitMs).toBeLessThanOrEqual(step);
        backoff.reset();
        expect(backoff.nextMs()).toBeLessThanOrEqual(1_000);
      }),
    );
  });
});

describe('OrderedAcks', () => {
  it('acknowledges in the order of arrival whatever the order of settling, and never what was abandoned', () => {
    const settling = fc.uniqueArray(fc.nat({ max: 19 }), { minLength: 20, maxLength: 20 });
    fc.assert(
      fc.property(settling, fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }), (order, abandoned) => {
        const sent: number[] = [];
        const acks = new OrderedAcks((messageId) => sent.push(messageId));
        const slots = abandoned.map((_, messageId) => acks.reserve(messageId));
        const settled = new Set<number>();
        for (const messageId of order) {
          if (abandoned[messageId]) slots[messageId]?.abandon();
          else slots[messageId]?.acknowledge();
          slots[messageId]?.acknowledge();
          settled.add(messageId);
          // Nothing is acknowledged before everything that came earlier is settled.
          expect(sent.every((id) => Array.from({ length: id }, (_, i) => i).every((i) => settled.has(i)))).toBe(true);
        }
        expect(sent).toEqual(abandoned.flatMap((gone, messageId) => (gone ? [] : [messageId])));
      }),
    );
  });
});
