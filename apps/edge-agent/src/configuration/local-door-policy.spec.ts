import { describe, expect, it } from '@jest/globals';
import { firstDoorPolicy } from '@latchkey/contracts';
import { localDoorPolicy } from './local-door-policy.ts';

describe('the door policy of a device that central never spoke to', () => {
  it('is that of every new door', () => {
    expect(localDoorPolicy(null)).toEqual(firstDoorPolicy);
  });

  it('takes what file or environment say, and nothing else', () => {
    const twoPerson = { required: true, withinS: 5 };
    expect(localDoorPolicy({ votesNeeded: 3, rules: { twoPerson } })).toEqual({
      ...firstDoorPolicy,
      votesNeeded: 3,
      rules: { ...firstDoorPolicy.rules, twoPerson },
    });
  });

  it.each([
    [{ votesNeeded: 0 }, /door\.votesNeeded/],
    [{ votes: 3 }, /votes/],
    [{ rules: { timeZone: 'Mars/Olympus' } }, /door\.rules\.timeZone/],
    ['open', /door/],
  ])('refuses %j with the field that is wrong', (wishes, message) => {
    expect(() => localDoorPolicy(wishes)).toThrow(
      expect.objectContaining({ code: 'config-invalid', message: expect.stringMatching(message) }),
    );
  });
});
