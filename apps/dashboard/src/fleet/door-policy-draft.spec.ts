import { describe, expect, it } from '@jest/globals';
import { firstDoorPolicy } from '@latchkey/contracts';
import { cautionsOf, type DoorPolicyDraft, doorChange, draftOf, policyOf } from './door-policy-draft.ts';

const policy = { ...firstDoorPolicy, minMargin: 0.05 };
const { rules } = policy;

describe('a door policy while it is typed', () => {
  it('is itself when nothing was changed', () => {
    expect(policyOf(draftOf(policy))).toEqual({ policy, problems: new Map() });
  });

  it.each([
    [{ votesNeeded: null }, 'votesNeeded'],
    [{ votesWindow: 21 }, 'votesWindow'],
    [{ maxDistance: 0 }, 'maxDistance'],
    [{ holdOpenMs: 99.5 }, 'holdOpenMs'],
    [{ votesNeeded: 4 }, 'votesNeeded'],
    [{ rules: { ...rules, timeZone: 'Berlin' } }, 'rules.timeZone'],
    [{ rules: { ...rules, liveness: { mode: 'require', minimum: 1.1 } } }, 'rules.liveness.minimum'],
    [{ rules: { ...rules, antiPassback: { mode: 'deny', windowS: null } } }, 'rules.antiPassback.windowS'],
    [{ rules: { ...rules, lockOut: { ...rules.lockOut, forS: 3_601 } } }, 'rules.lockOut.forS'],
    [{ rules: { ...rules, twoPerson: { required: true, withinS: 0 } } }, 'rules.twoPerson.withinS'],
  ] as const)('with %j names the field %s and gives no policy', (change, field) => {
    const draft: DoorPolicyDraft = { ...draftOf(policy), ...change };
    const checked = policyOf(draft);
    expect(checked.policy).toBeNull();
    expect([...checked.problems]).toEqual([[field, expect.stringMatching(/\.$/)]]);
  });

  it('is saved with the rules that differ, and no others', () => {
    const twoPerson = { required: true, withinS: 20 };
    expect(doorChange(policy, { ...policy, rules: { ...rules, twoPerson } })).toEqual({
      ...policy,
      rules: { twoPerson },
    });
    expect(doorChange(policy, policy)).toEqual({ ...policy, rules: {} });
  });
});

describe('what is allowed and yet unwise', () => {
  it('is nothing of the first policy', () => {
    expect(cautionsOf(firstDoorPolicy)).toEqual([]);
  });

  it.each([
    [{ votesNeeded: 1 }, /One frame/],
    [{ holdOpenMs: 60_000 }, /half a minute/],
    [{ rules: { ...rules, liveness: { mode: 'require', minimum: 0.2 } } }, /below 0.5/],
    [{ rules: { ...rules, liveness: { mode: 'require', minimum: 0.95 } } }, /above 0.9/],
    [{ rules: { ...rules, lockOut: { ...rules.lockOut, enabled: true, failures: 1 } } }, /3 failures/],
    [{ rules: { ...rules, twoPerson: { required: true, withinS: 2 } } }, /5 seconds/],
  ] as const)('is told of %j', (change, sentence) => {
    expect(cautionsOf({ ...policy, ...change })).toEqual([expect.stringMatching(sentence)]);
  });
});
