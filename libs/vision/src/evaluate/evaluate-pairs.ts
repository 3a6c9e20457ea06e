import { areaUnderRoc, equalErrorRate, trueAcceptRateAt } from './error-rates.ts';
import { type FoldAccuracy, foldAccuracy } from './fold-accuracy.ts';
import { type ScoredPair, type Trials, trialsOf } from './trials.ts';

/** How well a model tells people apart on a list of pairs. */
export interface PairEvaluation extends FoldAccuracy {
  readonly pairs: number;
  /** Pairs with a missed face; they are wrong in every figure. */
  readonly missedPairs: number;
  readonly auc: number;
  readonly eer: number;
  /** True accept rate at these false match rates. */
  readonly tarAtFmr: { readonly '0.01': number; readonly '0.001': number };
  readonly trials: Trials;
}

/**
 * Every figure of the field for a list of compared pairs.
 * @throws LatchkeyError `invalid-input` for fewer than two folds, or when genuine or impostor pairs are missing.
 */
export function evaluatePairs(pairs: readonly ScoredPair[]): PairEvaluation {
  const trials = trialsOf(pairs);
  return {
    pairs: pairs.length,
    missedPairs: pairs.filter(({ distance }) => distance === null).length,
    ...foldAccuracy(pairs),
    auc: areaUnderRoc(trials),
    eer: equalErrorRate(trials),
    tarAtFmr: { '0.01': trueAcceptRateAt(trials, 0.01), '0.001': trueAcceptRateAt(trials, 0.001) },
    trials,
  };
}
