import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type LivenessTrials, livenessErrorsAt, nonResponseRates, thresholdForBpcer } from './presentation-attacks.ts';

const trials: LivenessTrials = {
  bonaFide: { scores: [0.95, 0.9, 0.8, 0.7, 0.6, 0.55, 0.5, 0.45, 0.3, 0.2], nonResponses: 2 },
  attacks: [
    { species: 'print', scores: [0.1, 0.2, 0.3, 0.6], nonResponses: 0 },
    { species: 'screen', scores: [0.5, 0.7, 0.4], nonResponses: 1 },
  ],
};

describe('the errors of liveness detection', () => {
  it('are the share of living people below the threshold and of each kind of attack from it on', () => {
    const { bpcer, apcer, worst } = livenessErrorsAt(trials, 0.5);
    expect([bpcer.count, bpcer.trials, bpcer.rate]).toEqual([3, 10, 0.3]);
    expect(apcer.map(({ species, count, trials: all }) => [species, count, all])).toEqual([
      ['print', 1, 4],
      ['screen', 2, 3],
    ]);
    expect(worst).toBe('screen');
  });

  it('come with intervals that hold them', () => {
    const { bpcer, apcer } = livenessErrorsAt(trials, 0.5);
    for (const { low, rate, high } of [bpcer, ...apcer]) expect(low < rate && rate < high).toBe(true);
  });

  it('are all or nothing at the ends', () => {
    expect(livenessErrorsAt(trials, 0).bpcer.rate).toBe(0);
    expect(livenessErrorsAt(trials, 0).apcer.map(({ rate }) => rate)).toEqual([1, 1]);
    expect(livenessErrorsAt(trials, 1.01).bpcer.rate).toBe(1);
    expect(livenessErrorsAt(trials, 1.01).apcer.map(({ rate }) => rate)).toEqual([0, 0]);
  });

  it('leave out presentations without a face, which are told apart', () => {
    const { bpnrr, apnrr } = nonResponseRates(trials);
    expect([bpnrr.count, bpnrr.trials]).toEqual([2, 12]);
    expect(apnrr.map(({ species, rate }) => [species, rate])).toEqual([
      ['print', 0],
      ['screen', 0.25],
    ]);
  });

  it('need no attacks', () => {
    expect(livenessErrorsAt({ bonaFide: trials.bonaFide, attacks: [] }, 0.5)).toMatchObject({ apcer: [], worst: null });
  });

  it('are not made of nothing, nor of scores that are none', () => {
    const bonaFide = { scores: [], nonResponses: 3 };
    expect(() => livenessErrorsAt({ bonaFide, attacks: [] }, 0.5)).toThrow('No picture of "bona fide" shows a face');
    const odd = { species: 'mask', scores: [Number.NaN], nonResponses: 0 };
    expect(() => livenessErrorsAt({ ...trials, attacks: [odd] }, 0.5)).toThrow('A score of "mask"');
  });
});

describe('the threshold for a wanted BPCER', () => {
  it('is the highest one that rejects no more living people', () => {
    expect(thresholdForBpcer(trials.bonaFide, 0.1)).toBe(0.3);
    expect(thresholdForBpcer(trials.bonaFide, 0)).toBe(0.2);
    expect(thresholdForBpcer(trials.bonaFide, 1)).toBe(1);
  });

  it('keeps its word on any scores', () => {
    const score = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(score, { minLength: 1 }), score, (scores, wanted) => {
        const bonaFide = { scores, nonResponses: 0 };
        const threshold = thresholdForBpcer(bonaFide, wanted);
        expect(livenessErrorsAt({ bonaFide, attacks: [] }, threshold).bpcer.rate).toBeLessThanOrEqual(wanted + 1e-9);
      }),
    );
  });
});
