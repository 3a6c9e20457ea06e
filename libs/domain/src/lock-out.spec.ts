import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isLockedOut, type LockOuts, noLockOuts, recordFailure, recordSuccess, resumeLockOuts } from './lock-out.ts';

const rule = { enabled: true, failures: 3, windowS: 60, forS: 30 };
const hour = 3_600_000;

function after(...failedAt: number[]): LockOuts {
  return failedAt.reduce((lockOuts, at) => recordFailure(lockOuts, 'ada', at, rule), noLockOuts);
}

describe('lock-out', () => {
  it.each<[string, LockOuts, number, boolean]>([
    ['after too few failures', after(0, 1), 2, false],
    ['after as many as it takes', after(0, 1, 2), 2, true],
    ['until its end', after(0, 1, 2), 30_001, true],
    ['at its end', after(0, 1, 2), 30_002, false],
    ['failures further apart than the window', after(0, 30_000, 60_000), 60_000, false],
    ['twice as long the second time', after(0, 1, 2, 40_000, 40_001, 40_002), 100_001, true],
    ['and no longer', after(0, 1, 2, 40_000, 40_001, 40_002), 100_002, false],
    ['as at first after a calm hour', after(0, 1, 2, 2 * hour, 2 * hour, 2 * hour), 2 * hour + 30_000, false],
    ['failures while locked out do not add up', after(0, 1, 2, 3, 4, 5), 30_002, false],
  ])('%s', (_, lockOuts, at, locked) => {
    expect(isLockedOut(lockOuts, 'ada', at, rule)).toBe(locked);
  });

  it('forgets failures after a success', () => {
    const lockOuts = recordFailure(recordSuccess(after(0, 1), 'ada'), 'ada', 2, rule);
    expect(isLockedOut(lockOuts, 'ada', 2, rule)).toBe(false);
  });

  it('is not ended by a success', () => {
    expect(isLockedOut(recordSuccess(after(0, 1, 2), 'ada'), 'ada', 3, rule)).toBe(true);
  });

  it('locks nobody out where it is off', () => {
    expect(recordFailure(noLockOuts, 'ada', 0, { ...rule, enabled: false })).toBe(noLockOuts);
    expect(isLockedOut(after(0, 1, 2), 'ada', 3, { ...rule, enabled: false })).toBe(false);
  });

  it('goes on after a restart where it was, or longer', () => {
    const resumed = resumeLockOuts(after(0, 1, 2), 10_002, 0);
    expect(isLockedOut(resumed, 'ada', 19_999, rule)).toBe(true);
    expect(isLockedOut(resumed, 'ada', 20_000, rule)).toBe(false);
  });

  it('never lasts longer than an hour, touches no other key, and forgets those that are long over', () => {
    const failures = fc.array(
      fc.record({ key: fc.constantFrom('ada', 'eve'), after: fc.integer({ min: 0, max: 90_000 }) }),
    );
    fc.assert(
      fc.property(failures, (cast) => {
        let at = 0;
        let lockOuts = noLockOuts;
        for (const { key, after: pause } of cast) {
          at += pause;
          lockOuts = recordFailure(lockOuts, key, at, rule);
        }
        expect(isLockedOut(lockOuts, 'ada', at + hour, rule)).toBe(false);
        if (cast.filter(({ key }) => key === 'ada').length < rule.failures) {
          expect(isLockedOut(lockOuts, 'ada', at, rule)).toBe(false);
        }
        expect([...recordFailure(lockOuts, 'bob', at + 3 * hour, rule).keys()]).toEqual(['bob']);
      }),
    );
  });
});
