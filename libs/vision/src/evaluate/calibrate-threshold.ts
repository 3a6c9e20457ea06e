import { LatchkeyError } from '@latchkey/domain';
import { type Proportion, proportion } from './binomial-interval.ts';
import { allowedAt } from './error-rates.ts';
import { countBelow } from './trials.ts';

/** Doddington's rule of 30: from 30 errors on, the true rate is within ± 30 % with 90 % confidence (ISO/IEC 19795-1, annex B). */
const RULE_OF_THIRTY = 30;

/** A threshold for a wanted false match rate, and what it rests on. */
export interface Calibration {
  readonly wantedFmr: number;
  /** The largest distance at which no more than that share of the impostor pairs was accepted. */
  readonly maxDistance: number;
  /** 95 % interval of the distance at which the wanted rate is truly reached. */
  readonly maxDistanceInterval: readonly [number, number];
  /** What was measured at `maxDistance`. */
  readonly fmr: Proportion;
  readonly impostorPairs: number;
  /** Whether at least 30 false matches stand behind it; with fewer the threshold is little more than a guess. */
  readonly reliable: boolean;
}

/**
 * The loosest threshold for a false match rate, by the distances of impostor pairs.
 * @param impostor distances in ascending order.
 * @param wantedFmr 0 … 1 exclusive.
 * @throws LatchkeyError `invalid-input` as {@link assertEnoughPairs} says, or when two people's pictures are alike to the last
 * bit.
 */
export function calibrateThreshold(impostor: ArrayLike<number>, wantedFmr: number): Calibration {
  const pairs = impostor.length;
  assertEnoughPairs(pairs, wantedFmr);
  const allowed = allowedAt(wantedFmr, pairs);
  const at = (index: number): number => impostor[index] ?? Number.NaN;
  const firstRejected = at(allowed);
  if (firstRejected === 0) {
    throw new LatchkeyError(
      'invalid-input',
      `${allowed + 1} impostor pairs have distance 0: the same pictures stand under several names. Remove them.`,
    );
  }
  // Fewer than allowed when several pairs have that very distance.
  const falseMatches = countBelow(impostor, firstRejected);
  const last = falseMatches > 0 ? at(falseMatches - 1) : 0;
  const [fewest, most] = countsThatFit(wantedFmr, pairs);
  const maxDistance = (last + firstRejected) / 2;
  return {
    wantedFmr,
    maxDistance,
    // Of several pairs at one distance all or none are let in: the lower end may lie among them.
    maxDistanceInterval: [fewest > 0 ? Math.min(at(fewest - 1), maxDistance) : 0, at(Math.min(most, pairs - 1))],
    fmr: proportion(falseMatches, pairs),
    impostorPairs: pairs,
    reliable: falseMatches >= RULE_OF_THIRTY,
  };
}

/**
 * Whether so many impostor pairs can show a false match rate at all; to be asked before pictures are encoded.
 * @throws LatchkeyError `invalid-input` when the rate is not one of 0 … 1 exclusive, or with fewer than 1 / `wantedFmr` pairs.
 */
export function assertEnoughPairs(pairs: number, wantedFmr: number): void {
  if (!(wantedFmr > 0 && wantedFmr < 1)) {
    throw new LatchkeyError('invalid-input', `${wantedFmr} is no false match rate; give one above 0 and below 1.`);
  }
  if (allowedAt(wantedFmr, pairs) < 1) {
    throw new LatchkeyError(
      'invalid-input',
      `${pairs} impostor pairs cannot show a false match rate of ${wantedFmr}: at least ${Math.ceil(1 / wantedFmr)} are ` +
        `needed, ${Math.ceil(RULE_OF_THIRTY / wantedFmr)} for a figure to rely on. Add pictures of more people.`,
    );
  }
}

/** The smallest and the largest count of false matches that a true rate may bring about, by the interval of {@link proportion}. */
function countsThatFit(rate: number, trials: number): readonly [number, number] {
  const first = firstCount(trials, (count) => proportion(count, trials).high >= rate);
  const beyond = firstCount(trials, (count) => proportion(count, trials).low > rate);
  return [first, beyond - 1];
}

function firstCount(trials: number, holds: (count: number) => boolean): number {
  let low = 0;
  let high = trials + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (middle <= trials && !holds(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
