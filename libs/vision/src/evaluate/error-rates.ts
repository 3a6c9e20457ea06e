import { type Proportion, proportion } from './binomial-interval.ts';
import { countAtMost, countBelow, type Trials } from './trials.ts';
import { withoutNoise } from './without-noise.ts';

/** Shares of wrong decisions when distances up to `threshold` are accepted. */
export interface ErrorRates {
  readonly threshold: number;
  /** False match rate: impostor pairs that are accepted. */
  readonly fmr: Proportion;
  /** False non-match rate: genuine pairs that are rejected. */
  readonly fnmr: Proportion;
}

/** FMR and FNMR at a threshold, each with its 95 % interval (see {@link proportion}). */
export function errorRatesAt({ genuine, impostor }: Trials, threshold: number): ErrorRates {
  return {
    threshold,
    fmr: proportion(countAtMost(impostor, threshold), impostor.length),
    fnmr: proportion(genuine.length - countAtMost(genuine, threshold), genuine.length),
  };
}

/** One point of the trade-off between the two errors. */
export interface CurvePoint {
  /** Distances up to this one are accepted; −∞: none. */
  readonly threshold: number;
  readonly fmr: number;
  readonly fnmr: number;
}

/**
 * The trade-off at every distance that occurs, from "accept nobody" (FMR 0, FNMR 1) to "accept everybody" (FMR 1, FNMR 0):
 * the points of the ROC (FMR against 1 − FNMR) and of the DET curve (FMR against FNMR).
 */
export function errorCurve({ genuine, impostor }: Trials): CurvePoint[] {
  const points: CurvePoint[] = [{ threshold: Number.NEGATIVE_INFINITY, fmr: 0, fnmr: 1 }];
  let accepted = 0;
  let letIn = 0;
  while (accepted < genuine.length || letIn < impostor.length) {
    const threshold = Math.min(
      genuine[accepted] ?? Number.POSITIVE_INFINITY,
      impostor[letIn] ?? Number.POSITIVE_INFINITY,
    );
    while (accepted < genuine.length && genuine[accepted] === threshold) accepted++;
    while (letIn < impostor.length && impostor[letIn] === threshold) letIn++;
    points.push({ threshold, fmr: letIn / impostor.length, fnmr: (genuine.length - accepted) / genuine.length });
  }
  return points;
}

/**
 * Area under the ROC curve: how probable it is that a genuine pair is nearer than an impostor pair, ties half (Mann and
 * Whitney, 1947).
 */
export function areaUnderRoc({ genuine, impostor }: Trials): number {
  let nearer = 0;
  for (const distance of genuine) {
    const below = countBelow(impostor, distance);
    const upTo = countAtMost(impostor, distance);
    nearer += impostor.length - upTo + (upTo - below) / 2;
  }
  return nearer / (genuine.length * impostor.length);
}

/** Equal error rate: where FMR and FNMR cross, on the straight line between the two measured points around it. */
export function equalErrorRate(trials: Trials): number {
  let before: CurvePoint = { threshold: Number.NEGATIVE_INFINITY, fmr: 0, fnmr: 1 };
  for (const point of errorCurve(trials)) {
    if (point.fmr >= point.fnmr) {
      const gap = before.fnmr - before.fmr;
      const share = gap / (gap + point.fmr - point.fnmr);
      return withoutNoise(before.fmr + share * (point.fmr - before.fmr));
    }
    before = point;
  }
  return 1;
}

/** Rates are products of decimal fractions: 0.07 × 100 is 7.000000000000001, 0.29 × 100 is 28.999999999999996. */
const ROUNDING = 1e-9;

/** How many of `trials` may be accepted at a rate of at most `rate`. */
export function allowedAt(rate: number, trials: number): number {
  return Math.floor(rate * trials + ROUNDING);
}

/**
 * True accept rate at a false match rate: the share of genuine pairs that the loosest threshold with an FMR of at most `fmr`
 * accepts. A measured step, not interpolated: with fewer than 1 / `fmr` impostor pairs it is the rate without any false match.
 * @param fmr 0 … 1 exclusive.
 */
export function trueAcceptRateAt({ genuine, impostor }: Trials, fmr: number): number {
  const firstRejected = impostor[allowedAt(fmr, impostor.length)] ?? Number.POSITIVE_INFINITY;
  return countBelow(genuine, firstRejected) / genuine.length;
}
