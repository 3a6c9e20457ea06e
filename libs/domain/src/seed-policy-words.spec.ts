import { describe, expect, it } from '@jest/globals';
import { seedVerifyPair, seedVerifyWords, seedWhoIsItWords } from './seed-policy-words.ts';

describe('the seed’s words', () => {
  it('welcome whom verify lets in, and send away whom it does not', () => {
    expect(seedVerifyWords('younes', true)).toBe("It's younes, welcome home!");
    expect(seedVerifyWords('kian', false)).toBe("It's not kian, please go away");
  });

  it('give the distance and the answer, as verify returns them', () => {
    expect([seedVerifyPair(0.0812, true), seedVerifyPair(0.7, false)]).toEqual(['(0.0812, true)', '(0.7000, false)']);
  });

  it('name whom who_is_it finds', () => {
    expect(seedWhoIsItWords({ identity: 'younes', distance: 0.25 })).toBe("it's younes, the distance is 0.2500");
    expect(seedWhoIsItWords({ identity: null, distance: 100 })).toBe('Not in the database.');
  });
});
