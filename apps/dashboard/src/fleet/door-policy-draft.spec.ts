import { describe, expect, it } from '@jest/globals';
import { firstDoorPolicy } from '@latchkey/contracts';
import { type DoorPolicyDraft, draftOf, policyOf } from './door-policy-draft.ts';

const policy = { ...firstDoorPolicy, minMargin: 0.05 };

describe('a door policy while it is typed', () => {
  it('is itself when nothing was changed', () => {
    expect(policyOf(draftOf(policy))).toEqual({ policy, problems: {} });
  });

  it.each([
    [{ votesNeeded: null }, 'votesNeeded'],
    [{ votesWindow: 21 }, 'votesWindow'],
    [{ maxDistance: 0 }, 'maxDistance'],
    [{ holdOpenMs: 99.5 }, 'holdOpenMs'],
    [{ votesNeeded: 4 }, 'votesNeeded'],
  ] as const)('with %j names the field %s and gives no policy', (change, field) => {
    const draft: DoorPolicyDraft = { ...draftOf(policy), ...change };
    const checked = policyOf(draft);
    expect(checked.policy).toBeNull();
    expect(Object.keys(checked.problems)).toEqual([field]);
  });
});
