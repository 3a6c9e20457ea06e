import { LatchkeyError } from '@latchkey/domain';

/** Two pictures that were compared. */
export interface ScoredPair {
  /** Whether both show one person. */
  readonly same: boolean;
  /** Which part of the cross-validation the pair belongs to. */
  readonly fold: number;
  /** Distance of the two encodings, ≥ 0; null when a face was missed, which makes the pair wrong at every threshold. */
  readonly distance: number | null;
}

/**
 * Distances of genuine and impostor pairs, each in ascending order. A pair with a missed face is wrong at every threshold
 * that somebody could choose: as a genuine pair it stands at +∞ (never accepted), as an impostor pair at −∞ (always accepted).
 */
export interface Trials {
  readonly genuine: Float64Array;
  readonly impostor: Float64Array;
}

/**
 * Sorts pairs by kind and distance.
 * @throws LatchkeyError `invalid-input` when there is no pair of one of the kinds, or a distance is negative or not finite.
 */
export function trialsOf(pairs: readonly ScoredPair[]): Trials {
  const of = (same: boolean, missed: number): Float64Array =>
    Float64Array.from(
      pairs.filter((pair) => pair.same === same),
      ({ distance }) => distance ?? missed,
    ).sort();
  if (pairs.some(({ distance }) => distance !== null && !(distance >= 0 && distance < Number.POSITIVE_INFINITY))) {
    throw new LatchkeyError('invalid-input', 'A distance is negative or not finite; encode the pictures again.');
  }
  const trials = {
    genuine: of(true, Number.POSITIVE_INFINITY),
    impostor: of(false, Number.NEGATIVE_INFINITY),
  };
  if (trials.genuine.length === 0 || trials.impostor.length === 0) {
    throw new LatchkeyError(
      'invalid-input',
      `${trials.genuine.length} pairs of one person and ${trials.impostor.length} of two people: both kinds are needed.`,
    );
  }
  return trials;
}

/** How many of ascending values are at most `limit`. */
export function countAtMost(ascending: ArrayLike<number>, limit: number): number {
  return partition(ascending, (value) => value <= limit);
}

/** How many of ascending values are below `limit`. */
export function countBelow(ascending: ArrayLike<number>, limit: number): number {
  return partition(ascending, (value) => value < limit);
}

function partition(ascending: ArrayLike<number>, isLeft: (value: number) => boolean): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isLeft(ascending[middle] ?? Number.NaN)) low = middle + 1;
    else high = middle;
  }
  return low;
}
