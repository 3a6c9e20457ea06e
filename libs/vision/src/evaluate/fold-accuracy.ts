import { LatchkeyError } from '@latchkey/domain';
import type { ScoredPair } from './trials.ts';
import { withoutNoise } from './without-noise.ts';

/** What one fold showed. */
export interface FoldResult {
  readonly fold: number;
  readonly pairs: number;
  /** Chosen on all other folds. */
  readonly threshold: number;
  /** Share of this fold's pairs that are judged right at it. */
  readonly accuracy: number;
}

/** Accuracy by cross-validation. */
export interface FoldAccuracy {
  /** Mean of the folds' accuracies. */
  readonly accuracy: number;
  /** Standard error of that mean. */
  readonly standardError: number;
  /** Mean of the folds' thresholds. */
  readonly threshold: number;
  readonly folds: readonly FoldResult[];
}

/**
 * LFW's protocol (Huang, Ramesh, Berg and Learned-Miller, 2007, §III): each fold is judged at the threshold that was best on
 * all other folds; mean and standard error over the folds are reported. A pair with a missed face is wrong.
 * @throws LatchkeyError `invalid-input` when there are fewer than two folds.
 */
export function foldAccuracy(pairs: readonly ScoredPair[]): FoldAccuracy {
  const byFold = new Map<number, ScoredPair[]>();
  for (const pair of pairs) byFold.set(pair.fold, [...(byFold.get(pair.fold) ?? []), pair]);
  if (byFold.size < 2) {
    throw new LatchkeyError(
      'invalid-input',
      `All pairs are in one fold; a threshold can only be chosen on other folds. Give at least two.`,
    );
  }
  const folds = [...byFold].map(([fold, own]): FoldResult => {
    const threshold = bestThreshold(pairs.filter((pair) => pair.fold !== fold));
    return { fold, pairs: own.length, threshold, accuracy: rightAt(own, threshold) / own.length };
  });
  folds.sort((a, b) => a.fold - b.fold);
  const accuracy = withoutNoise(mean(folds.map((fold) => fold.accuracy)));
  const squares = folds.map((fold) => (fold.accuracy - accuracy) ** 2);
  const deviation = Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / (folds.length - 1));
  return {
    accuracy,
    standardError: deviation / Math.sqrt(folds.length),
    threshold: mean(folds.map((fold) => fold.threshold)),
    folds,
  };
}

/**
 * The threshold at which most pairs are judged right: half-way between two distances that occur. Of equally good ones the
 * middle one, which is least likely to be so by chance. Pairs with a missed face have no say.
 */
export function bestThreshold(pairs: readonly ScoredPair[]): number {
  const found = pairs.flatMap(({ same, distance }) => (distance === null ? [] : [{ same, distance }]));
  found.sort((a, b) => a.distance - b.distance);
  // Below the first distance nobody is accepted, so that all impostor pairs are right.
  let right = found.filter(({ same }) => !same).length;
  let most = right;
  let best = [below(found[0]?.distance ?? 0)];
  for (const [i, { same, distance }] of found.entries()) {
    right += same ? 1 : -1;
    const next = found[i + 1]?.distance ?? distance;
    if (next === distance && i + 1 < found.length) continue;
    if (right < most) continue;
    if (right > most) best = [];
    most = right;
    best.push((distance + next) / 2);
  }
  return best[(best.length - 1) >> 1] ?? 0;
}

/** A threshold that accepts nothing from `distance` on. */
function below(distance: number): number {
  return distance > 0 ? distance / 2 : -Number.MIN_VALUE;
}

function rightAt(pairs: readonly ScoredPair[], threshold: number): number {
  return pairs.filter(({ same, distance }) => distance !== null && distance <= threshold === same).length;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
