import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { inRanges, toRanges } from './sequence-ranges.ts';

describe('ranges of sequence numbers', () => {
  it.each([
    [[], []],
    [[5], [[5, 5]]],
    [[1, 2, 3], [[1, 3]]],
    [
      [7, 1, 2, 2, 9, 8],
      [
        [1, 2],
        [7, 9],
      ],
    ],
  ])('%j → %j', (numbers, ranges) => {
    expect(toRanges(numbers)).toEqual(ranges);
  });

  it('hold exactly the numbers that went in, and none between', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 60 })), (numbers) => {
        const ranges = toRanges(numbers);
        for (let seq = 0; seq <= 61; seq++) expect(inRanges(ranges, seq)).toBe(numbers.includes(seq));
        for (const [i, [from, to]] of ranges.entries()) {
          expect(from).toBeLessThanOrEqual(to);
          expect(from).toBeGreaterThan((ranges[i - 1]?.[1] ?? -1) + 1);
        }
      }),
    );
  });
});
