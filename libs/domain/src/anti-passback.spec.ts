import { describe, expect, it } from '@jest/globals';
import { hasPassed, noPassages, recordPassage, resumePassages } from './anti-passback.ts';

const window = 60_000;
const passed = recordPassage(noPassages, 'ada', 1_000, window);

describe('passages of a door', () => {
  it.each([
    ['at once', 'ada', 1_000, true],
    ['within the window', 'ada', 60_999, true],
    ['after it', 'ada', 61_000, false],
    ['somebody else', 'eve', 1_000, false],
    ['on a clock that went back', 'ada', 0, true],
  ])('knows who passed: %s', (_, personId, at, has) => {
    expect(hasPassed(passed, personId, at, window)).toBe(has);
  });

  it('forgets those that are over when somebody passes', () => {
    expect([...recordPassage(passed, 'eve', 61_000, window).keys()]).toEqual(['eve']);
    expect([...recordPassage(passed, 'eve', 60_999, window).keys()]).toEqual(['ada', 'eve']);
  });

  it('goes on after a restart as if no time had passed', () => {
    const resumed = resumePassages(passed, 31_000, 5);
    expect(hasPassed(resumed, 'ada', 30_004, window)).toBe(true);
    expect(hasPassed(resumed, 'ada', 30_005, window)).toBe(false);
  });
});
