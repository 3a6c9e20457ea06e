import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compareAllPairs } from './all-pairs.ts';
import { proportion } from './binomial-interval.ts';
import { calibrateThreshold } from './calibrate-threshold.ts';
import { countAtMost } from './trials.ts';

describe('the interval of a share', () => {
  // Clopper-Pearson, 95 %. None of n: 1 − 0.025^(1/n); 5 of 10 and 1 of 20 as in the published tables.
  it.each([
    [0, 10, 0, 1 - 0.025 ** (1 / 10)],
    [10, 10, 0.025 ** (1 / 10), 1],
    [5, 10, 0.1871, 0.8129],
    [1, 20, 0.0013, 0.2487],
    [0, 1_000_000, 0, 3.68887e-6],
  ])('of %d in %d', (count, trials, low, high) => {
    const share = proportion(count, trials);
    expect(share.low).toBeCloseTo(low, 4);
    expect(share.high).toBeCloseTo(high, trials > 1000 ? 10 : 4);
    expect(share.rate).toBe(count / trials);
  });

  it('solves the binomial equation by which it is defined', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.nat(60), (trials, some) => {
        const count = some % (trials + 1);
        const { low, high } = proportion(count, trials);
        // At the lower end, so many or more are seen in 2.5 % of all cases; at the upper end, so many or fewer.
        if (count > 0) expect(1 - binomialUpTo(count - 1, trials, low)).toBeCloseTo(0.025, 9);
        if (count < trials) expect(binomialUpTo(count, trials, high)).toBeCloseTo(0.025, 9);
      }),
    );
  });

  it('narrows with the number of trials', () => {
    const widths = [10, 1_000, 100_000, 10_000_000].map((trials) => {
      const { low, high } = proportion(trials / 10, trials);
      return high - low;
    });
    expect(widths).toEqual([...widths].sort((a, b) => b - a));
    expect(widths.at(-1)).toBeCloseTo((2 * 1.96 * 0.3) / Math.sqrt(10_000_000), 6);
  });
});

function binomialUpTo(count: number, trials: number, rate: number): number {
  let [term, sum] = [(1 - rate) ** trials, 0];
  for (let k = 0; k <= count; k++) {
    sum += term;
    term *= ((trials - k) / (k + 1)) * (rate / (1 - rate));
  }
  return sum;
}

describe('calibrating a threshold', () => {
  it('lets in as many strangers as are wanted, and not one more', () => {
    const impostor = Float64Array.from({ length: 10_000 }, (_, i) => 0.5 + i / 10_000);
    const { maxDistance, fmr, impostorPairs, reliable, maxDistanceInterval } = calibrateThreshold(impostor, 1e-2);
    expect(maxDistance).toBeCloseTo(0.5 + 99.5 / 10_000, 10);
    expect([fmr.count, impostorPairs, reliable]).toEqual([100, 10_000, true]);
    // A true rate of 1 % gives 81 … 120 of 10,000 in 95 % of all cases (normal approximation: 100 ± 19.5).
    expect(maxDistanceInterval[0]).toBeCloseTo(0.508, 3);
    expect(maxDistanceInterval[1]).toBeCloseTo(0.512, 3);
  });

  it('says when too few pairs stand behind the rate', () => {
    const thousand = Float64Array.from({ length: 1000 }, (_, i) => 1 + i);
    expect(calibrateThreshold(thousand, 1e-3)).toMatchObject({ fmr: { count: 1 }, reliable: false });
    expect(() => calibrateThreshold(thousand, 1e-4)).toThrow(
      /1000 impostor pairs cannot show .* 0\.0001: at least 10000 are needed, 300000/,
    );
  });

  it.each([0, 1, -1, Number.NaN])('refuses the rate %d', (rate) => {
    expect(() => calibrateThreshold([1, 2, 3], rate)).toThrow(/no false match rate/);
  });

  it('never exceeds the wanted rate, whatever ties there are, and lies within its interval', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 15 }), { minLength: 20, maxLength: 200 }),
        fc.double({ min: 0.051, max: 0.9, noNaN: true }),
        (values, rate) => {
          const impostor = Float64Array.from(values).sort();
          const { maxDistance, fmr, maxDistanceInterval } = calibrateThreshold(impostor, rate);
          expect(countAtMost(impostor, maxDistance)).toBe(fmr.count);
          expect(fmr.rate).toBeLessThanOrEqual(rate + 1e-9);
          expect(maxDistanceInterval[0]).toBeLessThanOrEqual(maxDistance);
          expect(maxDistanceInterval[1]).toBeGreaterThanOrEqual(maxDistance);
        },
      ),
    );
  });
});

describe('comparing everybody with everybody', () => {
  const of = (identity: string, ...values: number[]) => ({ identity, values: Float32Array.from(values) });

  it('parts the pairs of one person from those of two', () => {
    const { genuine, impostor, nearestImpostors } = compareAllPairs([
      of('ann', 0, 0),
      of('ben', 3, 4),
      of('ann', 0, 1),
      of('cleo', 0, 3),
    ]);
    expect([...genuine]).toEqual([1]);
    // ann–cleo 2 and 3, ben–cleo √10, ann–ben √18 and 5.
    expect([...impostor].map((value) => value.toFixed(3))).toEqual(['2.000', '3.000', '3.162', '4.243', '5.000']);
    expect(nearestImpostors[0]).toEqual({ a: 2, b: 3, distance: 2 });
  });
});
