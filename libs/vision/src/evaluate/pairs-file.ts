import { LatchkeyError } from '@latchkey/domain';
import { readCsvPairs } from './csv-pairs.ts';
import type { ImagePair } from './image-pair.ts';
import { readLfwPairs } from './lfw-pairs.ts';
import { randomFolds } from './random-folds.ts';

/** Folds where a file has none (LFW's ten need its size). */
const FOLDS = 5;

/** So many bad lines are told one by one. */
const TOLD = 20;

/**
 * Pairs of a file: LFW's own `pairs.txt`, `pairsDevTrain.txt` or `pairsDevTest.txt`, or CSV with the header
 * `imageA,imageB,same[,fold]`. Where it has no folds, pairs are dealt to five at random, always in the same way.
 * @param source what the file is called in messages.
 * @throws LatchkeyError `invalid-input` that names every bad line as `source:line` and says what is expected there.
 */
export function parsePairs(text: string, source: string): readonly ImagePair[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  const { pairs, badLines } = (lines[0] ?? '').includes(',') ? readCsvPairs(lines) : readLfwPairs(lines);
  if (badLines.length > 0) {
    const told = badLines.slice(0, TOLD).map(({ line, problem }) => `${source}:${line}: ${problem}`);
    const more = badLines.length > TOLD ? [`… and ${badLines.length - TOLD} more lines like these`] : [];
    throw new LatchkeyError('invalid-input', [...told, ...more].join('\n'), { details: { badLines } });
  }
  if (pairs.length === 0) {
    throw new LatchkeyError('invalid-input', `${source} has no pairs; give LFW's pairs.txt or CSV imageA,imageB,same.`);
  }
  const folds = randomFolds(
    pairs.map(({ same }) => same),
    FOLDS,
  );
  return pairs.map((pair, i) => ({ ...pair, fold: pair.fold ?? folds[i] ?? 0 }));
}
