import { describe, expect, it } from '@jest/globals';
import { allFinite } from './all-finite.ts';

describe('allFinite', () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('finds %d wherever it is', (value) => {
    for (let length = 1; length < 10; length++) {
      for (let at = 0; at < length; at++) {
        expect(allFinite(new Float32Array(length).fill(1).fill(value, at, at + 1))).toBe(false);
      }
    }
  });

  it('finds infinities that would cancel each other out', () => {
    expect(allFinite(Float32Array.of(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY))).toBe(false);
  });

  it('lets the largest and the smallest numbers through', () => {
    expect(allFinite(new Float32Array(1000).fill(3.4028234e38))).toBe(true);
    expect(allFinite(Float32Array.of(-3.4028234e38, 1e-45, 0, -0))).toBe(true);
    expect(allFinite(new Float32Array())).toBe(true);
  });
});
