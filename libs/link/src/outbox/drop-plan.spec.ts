import { describe, expect, it } from '@jest/globals';
import { droppedBody, eventKinds } from '@latchkey/contracts';
import fc from 'fast-check';
import { dropOrder, droppedBodiesOf, gapsOf, gapsOfEvents } from './drop-plan.ts';

const streams = [
  '5bb9b3d0-6cf4-4b53-8d4c-9e6c5ef4a001',
  '5bb9b3d0-6cf4-4b53-8d4c-9e6c5ef4a002',
  '5bb9b3d0-6cf4-4b53-8d4c-9e6c5ef4a003',
] as const;

describe('the plan of a full outbox', () => {
  it('knows every kind of event, and gives up health first', () => {
    expect([...dropOrder].sort()).toEqual([...eventKinds].sort());
    expect(dropOrder[0]).toBe('health');
  });

  it('says a single run of its own stream in three numbers', () => {
    const gaps = gapsOfEvents([3, 4, 5].map((seq) => ({ streamId: streams[0], seq })));
    expect(droppedBodiesOf(gaps, streams[0])).toEqual([{ from: 3, to: 5, count: 3 }]);
  });

  it('names exactly what is given up, each number once, in bodies that the contract takes', () => {
    const event = fc.record({ streamId: fc.constantFrom(...streams), seq: fc.integer({ min: 1, max: 4_000 }) });
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 2_000, size: 'max' }), (events) => {
        // Twice the same gaps: one as events, one as what an earlier record named.
        const bodies = droppedBodiesOf([...gapsOfEvents(events), ...gapsOfEvents(events.slice(0, 50))], streams[0]);
        const named = bodies.flatMap((body) =>
          gapsOf(droppedBody.parse(body), streams[0]).flatMap(({ streamId, ranges }) =>
            ranges.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => `${streamId} ${from + i}`)),
          ),
        );
        const given = new Set(events.map(({ streamId, seq }) => `${streamId} ${seq}`));
        expect(named).toHaveLength(given.size);
        expect(new Set(named)).toEqual(given);
        expect(bodies.reduce((sum, { count }) => sum + count, 0)).toBe(given.size);
      }),
      { numRuns: 40 },
    );
  });
});
