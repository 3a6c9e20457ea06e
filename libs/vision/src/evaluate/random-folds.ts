import { mulberry32 } from '../reference/mulberry32.ts';

/** Any number would do; it must only stay the same, so that two runs and two models are judged by the same folds. */
const SEED = 20070049;

/**
 * Deals pairs to folds at random, those of one person and those of two people apart, so that every fold has its share of both.
 * The same list always gives the same folds.
 * @param same whether each pair is of one person.
 * @returns the fold of each, 0 … `folds` − 1.
 */
export function randomFolds(same: readonly boolean[], folds: number): number[] {
  const random = mulberry32(SEED);
  const result = new Array<number>(same.length).fill(0);
  for (const kind of [true, false]) {
    const places = same.flatMap((value, i) => (value === kind ? [i] : []));
    // Fisher and Yates.
    for (let i = places.length - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      const [a = 0, b = 0] = [places[i], places[j]];
      places[i] = b;
      places[j] = a;
    }
    for (const [i, place] of places.entries()) result[place] = i % folds;
  }
  return result;
}
