import { describe, expect, it } from '@jest/globals';
import { seedVerify, seedWhoIsIt } from './seed-policy.ts';

describe('seed verify', () => {
  it.each([
    [0, true],
    [0.6999, true],
    [0.7, false],
    [1.2, false],
  ])('%d → %s', (distance, welcome) => {
    expect(seedVerify(distance)).toBe(welcome);
  });
});

describe('seed who_is_it', () => {
  it('names the nearest', () => {
    const answer = seedWhoIsIt([
      { identity: 'bertrand', distance: 0.6 },
      { identity: 'younes', distance: 0.2 },
      { identity: 'tian', distance: 0.4 },
    ]);
    expect(answer).toEqual({ identity: 'younes', distance: 0.2 });
  });

  it('names the first of two that are equally near', () => {
    const twins = [
      { identity: 'a', distance: 0.5 },
      { identity: 'b', distance: 0.5 },
    ];
    expect(seedWhoIsIt(twins).identity).toBe('a');
  });

  it('still names somebody at exactly 0.7, and nobody above', () => {
    expect(seedWhoIsIt([{ identity: 'a', distance: 0.7 }])).toEqual({ identity: 'a', distance: 0.7 });
    expect(seedWhoIsIt([{ identity: 'a', distance: 0.71 }])).toEqual({ identity: null, distance: 0.71 });
  });

  it('answers "not in the database" with its start of 100 when there is nobody, or nobody nearer than that', () => {
    expect(seedWhoIsIt([])).toEqual({ identity: null, distance: 100 });
    expect(seedWhoIsIt([{ identity: 'a', distance: 101 }])).toEqual({ identity: null, distance: 100 });
  });
});
