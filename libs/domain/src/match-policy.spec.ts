import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { judgeClaim, judgeNearest, type MatchRule, matchRuleOf, type NearestPerson } from './match-policy.ts';

const wishes = {
  policy: 'door',
  maxDistance: null,
  minMargin: null,
  votesNeeded: 2,
  votesWindow: 3,
  minQuality: 40,
} as const;
const model = { maxDistance: 0.6, identifyMaxDistance: 0.53, minMargin: 0.04 };
const door = matchRuleOf(wishes, model);
const seed = matchRuleOf({ ...wishes, policy: 'seed' }, model);

function nearest(distance: number, margin: number | null = null): NearestPerson {
  return { personId: 'ada', distance, margin };
}

describe('match rule', () => {
  it('takes from the model what the door does not say', () => {
    expect(door).toEqual({ ...wishes, maxDistance: 0.53, claimMaxDistance: 0.6, minMargin: 0.04 });
    expect(matchRuleOf({ ...wishes, maxDistance: 0.4, minMargin: 0 }, model)).toMatchObject({
      maxDistance: 0.4,
      minMargin: 0,
    });
  });

  it('widens a window in which the votes would never fit', () => {
    expect(matchRuleOf({ ...wishes, votesNeeded: 5, votesWindow: 3 }, model).votesWindow).toBe(5);
  });

  it('is one frame at 0.7 for the seed policy, whatever the door says', () => {
    expect(seed).toEqual({
      policy: 'seed',
      maxDistance: 0.7,
      claimMaxDistance: 0.7,
      minMargin: 0,
      votesNeeded: 1,
      votesWindow: 1,
      minQuality: 0,
    });
  });
});

describe('judging the nearest person', () => {
  const cases: [string, MatchRule, NearestPerson | null, string | null, string][] = [
    ['nobody enrolled', door, null, null, 'empty-gallery'],
    ['near, nobody else', door, nearest(0.3), 'ada', 'matched'],
    ['exactly at the threshold', door, nearest(0.53), 'ada', 'matched'],
    ['above the threshold', door, nearest(0.5301), null, 'too-far'],
    ['near, but another as near', door, nearest(0.3, 0.039), null, 'narrow-margin'],
    ['near with the exact margin', door, nearest(0.3, 0.04), 'ada', 'matched'],
    ['a distance that is not a number', door, nearest(Number.NaN), null, 'too-far'],
    ['a margin that is not a number', door, nearest(0.3, Number.NaN), null, 'narrow-margin'],
    ['seed: nobody enrolled', seed, null, null, 'empty-gallery'],
    ['seed: at 0.7', seed, nearest(0.7), 'ada', 'matched'],
    ['seed: above 0.7', seed, nearest(0.7001), null, 'too-far'],
    ['seed: no margin needed', seed, nearest(0.5, 0), 'ada', 'matched'],
  ];
  it.each(cases)('%s', (_, rule, person, personId, reason) => {
    expect(judgeNearest(person, rule)).toEqual({
      personId,
      distance: person?.distance ?? null,
      margin: person?.margin ?? null,
      reason,
    });
  });

  it('never matches beyond threshold and margin', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 2 }), fc.double({ min: 0, max: 2 }), (distance, margin) => {
        const match = judgeNearest(nearest(distance, margin), door);
        expect(match.personId !== null).toBe(distance <= 0.53 && margin >= 0.04);
      }),
    );
  });
});

describe('judging a claim', () => {
  it.each<[string, MatchRule, number | null, string | null, string]>([
    ['as near as two pictures of one person', door, 0.6, 'ada', 'matched'],
    ['further', door, 0.6001, null, 'too-far'],
    ['a distance that is not a number', door, Number.NaN, null, 'too-far'],
    ['nobody enrolled under that claim', door, null, null, 'empty-gallery'],
    ['seed: below 0.7', seed, 0.6999, 'ada', 'matched'],
    ['seed: at 0.7', seed, 0.7, null, 'too-far'],
  ])('%s', (_, rule, distance, personId, reason) => {
    expect(judgeClaim('ada', distance, rule)).toEqual({ personId, distance, margin: null, reason });
  });
});
