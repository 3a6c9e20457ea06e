import { describe, expect, it } from '@jest/globals';
import { isLatchkeyError } from '@latchkey/domain';
import fc from 'fast-check';
import { areaUnderRoc, equalErrorRate, errorCurve, errorRatesAt, trueAcceptRateAt } from './error-rates.ts';
import { evaluatePairs } from './evaluate-pairs.ts';
import { bestThreshold, foldAccuracy } from './fold-accuracy.ts';
import { type ScoredPair, trialsOf } from './trials.ts';

const genuine = (distance: number | null, fold = 0): ScoredPair => ({ same: true, distance, fold });
const impostor = (distance: number | null, fold = 0): ScoredPair => ({ same: false, distance, fold });

/** Four of each kind; two of them lie on the wrong side of every threshold between 0.4 and 0.9. */
const overlapping = [
  ...[0.1, 0.2, 0.3, 0.8].map((distance) => genuine(distance)),
  ...[0.4, 0.7, 0.9, 1].map((distance) => impostor(distance)),
];

const anyDistance = fc.oneof(
  fc.constant(null),
  fc.integer({ min: 0, max: 20 }).map((n) => n / 10),
);
const anyPairs = fc
  .tuple(fc.array(anyDistance, { minLength: 1, maxLength: 30 }), fc.array(anyDistance, { minLength: 1, maxLength: 30 }))
  .map(([same, different]) => [
    ...same.map((distance, i) => genuine(distance, i % 3)),
    ...different.map((distance, i) => impostor(distance, (i + 1) % 3)),
  ]);

const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (isLatchkeyError(error)) return error.code;
  }
  return 'nothing thrown';
};

describe('area under the ROC curve', () => {
  it('is the share of genuine-impostor couples in which the genuine pair is nearer', () => {
    // 0.1, 0.2 and 0.3 are nearer than all four, 0.8 is nearer than 0.9 and 1: 14 of 16.
    expect(areaUnderRoc(trialsOf(overlapping))).toBe(14 / 16);
  });

  it('counts ties half, so that a constant distance is worth a coin', () => {
    expect(areaUnderRoc(trialsOf([genuine(0.5), genuine(0.5), impostor(0.5)]))).toBe(0.5);
  });

  it('is that of the trapezoids below the curve', () => {
    fc.assert(
      fc.property(anyPairs, (pairs) => {
        const points = errorCurve(trialsOf(pairs));
        const area = points.slice(1).reduce((sum, point, i) => {
          const before = points[i] ?? point;
          return sum + ((point.fmr - before.fmr) * (2 - point.fnmr - before.fnmr)) / 2;
        }, 0);
        expect(areaUnderRoc(trialsOf(pairs))).toBeCloseTo(area, 10);
      }),
    );
  });
});

describe('equal error rate', () => {
  it('is where the two errors are the same', () => {
    // Up to 0.4: one of four impostors let in, one of four people sent away.
    expect(equalErrorRate(trialsOf(overlapping))).toBe(0.25);
  });

  it('lies on the line between two measured points when they never are', () => {
    // FMR, FNMR: (0, 1/2) up to 0.1 and (1, 1/2) up to 0.2: the line crosses FMR = FNMR at 1/2.
    expect(equalErrorRate(trialsOf([genuine(0.1), genuine(0.3), impostor(0.2)]))).toBe(0.5);
  });

  it('is 0 for people who never come near each other, and 1 when everything is upside down', () => {
    expect(equalErrorRate(trialsOf([genuine(0.1), impostor(0.9)]))).toBe(0);
    expect(equalErrorRate(trialsOf([genuine(0.9), impostor(0.1)]))).toBe(1);
  });
});

describe('true accept rate at a false match rate', () => {
  it('is that of the loosest threshold which lets no more strangers in', () => {
    const trials = trialsOf(overlapping);
    expect(trueAcceptRateAt(trials, 0.001)).toBe(0.75);
    expect(trueAcceptRateAt(trials, 0.25)).toBe(0.75);
    expect(trueAcceptRateAt(trials, 0.5)).toBe(1);
  });

  it('lets exactly one of a thousand strangers in at 0.001', () => {
    const strangers = Array.from({ length: 1000 }, (_, i) => impostor(0.5 + i / 1000));
    expect(trueAcceptRateAt(trialsOf([genuine(0.4), genuine(0.5005), genuine(0.6), ...strangers]), 0.001)).toBe(2 / 3);
  });

  it('accepts nobody at the very distance at which a stranger is', () => {
    expect(trueAcceptRateAt(trialsOf([genuine(0.5), impostor(0.5)]), 0.01)).toBe(0);
  });
});

describe('a pair with a missed face', () => {
  const perfect = [0, 1].flatMap((fold) => [
    genuine(0.1, fold),
    genuine(0.2, fold),
    impostor(0.8, fold),
    impostor(0.9, fold),
  ]);

  it('is wrong in the accuracy, and moves no threshold', () => {
    const found = evaluatePairs(perfect);
    const missed = evaluatePairs([...perfect, genuine(null, 0), impostor(null, 1)]);
    expect(found).toMatchObject({ accuracy: 1, auc: 1, eer: 0, missedPairs: 0, tarAtFmr: { '0.01': 1, '0.001': 1 } });
    expect(missed).toMatchObject({ accuracy: 0.8, missedPairs: 2, pairs: 10, threshold: found.threshold });
  });

  it('is a person sent away or a stranger let in at every threshold', () => {
    const { fmr, fnmr } = errorRatesAt(trialsOf([...perfect, genuine(null), impostor(null)]), 0.5);
    expect([fmr.count, fmr.trials, fnmr.count, fnmr.trials]).toEqual([1, 5, 1, 5]);
    // 4 of 5 genuine pairs found, nearer than 4 of 5 impostor pairs.
    expect(evaluatePairs([...perfect, genuine(null), impostor(null)]).auc).toBeCloseTo(16 / 25, 12);
    expect(evaluatePairs([...perfect, impostor(null)]).tarAtFmr['0.001']).toBe(0);
  });
});

describe('accuracy by folds', () => {
  it('judges each fold at the threshold that was best on the others', () => {
    const pairs = [
      genuine(0.1, 1),
      impostor(0.55, 1),
      genuine(0.2, 2),
      impostor(0.6, 2),
      // Right at its own best threshold, wrong at 0.375, which is best on the other two.
      genuine(0.4, 3),
      impostor(0.8, 3),
    ];
    const { folds, accuracy, threshold, standardError } = foldAccuracy(pairs);
    expect(folds.map(({ fold, accuracy: right }) => [fold, right])).toEqual([
      [1, 1],
      [2, 1],
      [3, 0.5],
    ]);
    // On folds 2 and 3: between 0.4 and 0.6; on 1 and 3: 0.4 and 0.55; on 1 and 2: 0.2 and 0.55.
    for (const [i, expected] of [0.5, 0.475, 0.375].entries()) expect(folds[i]?.threshold).toBeCloseTo(expected, 12);
    expect(threshold).toBeCloseTo(1.35 / 3, 12);
    expect(accuracy).toBeCloseTo(5 / 6, 12);
    expect(standardError).toBeCloseTo(1 / 6, 12);
  });

  it('is a number without noise in its last digits', () => {
    // Ten folds of ten pairs, one of all pairs wrong: the mean of 0.9 and nine times 1.
    const pairs = Array.from({ length: 10 }, (_, fold) => [
      ...Array.from({ length: 5 }, (_, i) => genuine(fold === 3 && i === 0 ? 0.9 : 0.1, fold)),
      ...Array.from({ length: 5 }, () => impostor(0.7, fold)),
    ]).flat();
    expect(foldAccuracy(pairs).accuracy).toBe(0.99);
  });

  it('refuses pairs that are all in one fold, and pairs of one kind', () => {
    expect(codeOf(() => evaluatePairs(overlapping))).toBe('invalid-input');
    expect(codeOf(() => evaluatePairs([genuine(0.1, 0), genuine(0.2, 1)]))).toBe('invalid-input');
    expect(codeOf(() => evaluatePairs([genuine(Number.NaN, 0), impostor(0.2, 1)]))).toBe('invalid-input');
  });

  it('finds no threshold better than the best one', () => {
    fc.assert(
      fc.property(anyPairs, fc.integer({ min: -1, max: 21 }), (pairs, tenths) => {
        const right = (limit: number): number =>
          pairs.filter(({ same, distance }) => distance !== null && distance <= limit === same).length;
        expect(right(bestThreshold(pairs))).toBeGreaterThanOrEqual(right(tenths / 10 + 0.05));
      }),
    );
  });
});

describe('every figure', () => {
  it('stays between 0 and 1 and does not depend on the order of the pairs', () => {
    fc.assert(
      fc.property(anyPairs, (pairs) => {
        fc.pre(new Set(pairs.map(({ fold }) => fold)).size > 1);
        const one = evaluatePairs(pairs);
        for (const value of [one.accuracy, one.auc, one.eer, ...Object.values(one.tarAtFmr)]) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1);
        }
        expect(one.tarAtFmr['0.001']).toBeLessThanOrEqual(one.tarAtFmr['0.01']);
        const { auc, eer, tarAtFmr } = evaluatePairs([...pairs].reverse());
        expect({ auc, eer, tarAtFmr }).toEqual({
          auc: expect.closeTo(one.auc, 12),
          eer: one.eer,
          tarAtFmr: one.tarAtFmr,
        });
      }),
    );
  });

  it('lets more strangers in and sends fewer people away the looser the threshold', () => {
    fc.assert(
      fc.property(anyPairs, (pairs) => {
        const points = errorCurve(trialsOf(pairs));
        expect(points.at(-1)).toMatchObject({ fmr: 1, fnmr: 0 });
        for (const [i, point] of points.slice(1).entries()) {
          expect(point.fmr).toBeGreaterThanOrEqual(points[i]?.fmr ?? 2);
          expect(point.fnmr).toBeLessThanOrEqual(points[i]?.fnmr ?? -1);
        }
      }),
    );
  });
});
