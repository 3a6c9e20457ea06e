import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { allDoorRules, type DoorRules, type DoorStep, DoorWorld } from './door-world.ts';
import { BrokenPromise } from './outbox-world.ts';

const pick = fc.nat({ max: 7 });
const step: fc.Arbitrary<DoorStep> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ type: 'ask' as const }) },
  { weight: 12, arbitrary: fc.record({ type: fc.constant('deliver' as const), pick }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('duplicate' as const), pick }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('lose' as const), pick }) },
  { weight: 5, arbitrary: fc.constant({ type: 'act' as const }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('wait' as const), ms: fc.constantFrom(100, 1_000, 6_000) }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('set-clock' as const), ms: fc.constantFrom(-3_600_000, -6_000, 6_000) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constantFrom(
        'restart' as const,
        'power-cut' as const,
        'wipe' as const,
        'backup' as const,
        'backup' as const,
        'restore' as const,
      ),
    }),
  },
);

let moves = 0;
function propertyOf(rules: DoorRules) {
  return fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
    const world = new DoorWorld(rules);
    for (const next of steps) world.step(next);
    moves += world.moved;
  });
}

describe('a door that is opened by commands, over a network that keeps, doubles and reorders, with restarts, wipes, restores and set clocks', () => {
  it('opens once when it is asked and answered', () => {
    const world = new DoorWorld();
    const exchange: DoorStep[] = [
      { type: 'ask' },
      ...Array.from({ length: 3 }, () => ({ type: 'deliver', pick: 0 }) as const),
      { type: 'act' },
    ];
    for (const next of exchange) world.step(next);
    expect(world.moved).toBe(1);
  });

  it('never moves twice for one command, for an answer that came late, or by what lies on its disk', () => {
    moves = 0;
    fc.assert(propertyOf(allDoorRules), { numRuns: 3_000 });
    expect(moves).toBeGreaterThan(200);
  });

  it.each<[string, Partial<DoorRules>, RegExp]>([
    ['challenges are kept on disk', { memoryOnly: false }, /moved twice|late/],
    ['a challenge may be answered again', { singleUse: false }, /moved twice/],
    ['a challenge’s time is measured on the wall clock', { bootClock: false }, /late/],
    ['central answers every challenge', { answerOnce: false }, /moved twice/],
    ['a grant on disk counts after a restart', { sessionBound: false }, /moved (twice|by what lay on disk)/],
  ])('finds the failure when %s', (_, rules, failure) => {
    // A fixed seed: that the failure is found must not depend on luck.
    const result = fc.check(propertyOf({ ...allDoorRules, ...rules }), { numRuns: 20_000, seed: 20_261_130 });
    expect(result.failed).toBe(true);
    expect(result.errorInstance).toBeInstanceOf(BrokenPromise);
    expect(String(result.errorInstance)).toMatch(failure);
  });
});
