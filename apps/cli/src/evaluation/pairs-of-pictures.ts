import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LatchkeyError, squaredDistance } from '@latchkey/domain';
import { evaluatePairs, type ImagePair, type PairEvaluation, parsePairs } from '@latchkey/vision';
import type { EncodedFolder } from './open-models.ts';

/** A pair and the distance that a model gives it. */
export interface JudgedPair extends ImagePair {
  /** Null when a face was missed. */
  readonly distance: number | null;
}

/** One model's result. */
export interface ModelResult extends EncodedFolder {
  readonly pairs: readonly JudgedPair[];
  readonly evaluation: PairEvaluation;
  /** Pictures without a face, those that cannot be read among them. */
  readonly missed: readonly string[];
}

/** So many missing pictures are told one by one. */
const TOLD = 10;

/**
 * Pairs of a file, with the paths of their pictures.
 * @throws LatchkeyError `missing-file` for the file or pictures that it names, `invalid-input` for lines that are no pairs.
 */
export async function readPairs(images: string, file: string): Promise<readonly ImagePair[]> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new LatchkeyError(
      'missing-file',
      `The pairs ${file} cannot be read; give LFW's pairs.txt or CSV imageA,imageB,same.`,
      { cause },
    );
  });
  if (!existsSync(images)) throw new LatchkeyError('missing-file', `The folder of pictures ${images} is not there.`);
  const pairs = parsePairs(text, file).map((pair) => ({
    ...pair,
    imageA: join(images, pair.imageA),
    imageB: join(images, pair.imageB),
  }));
  const absent = pairs.flatMap(({ imageA, imageB, line }) =>
    [imageA, imageB].filter((path) => !existsSync(path)).map((path) => `${file}:${line}: ${path} is not there`),
  );
  if (absent.length > 0) {
    const more = absent.length > TOLD ? [`… and ${absent.length - TOLD} more`] : [];
    throw new LatchkeyError('missing-file', [...absent.slice(0, TOLD), ...more].join('\n'));
  }
  return pairs;
}

/** Every picture of the pairs, each once. */
export function picturesOf(pairs: readonly ImagePair[]): readonly string[] {
  return [...new Set(pairs.flatMap(({ imageA, imageB }) => [imageA, imageB]))];
}

/**
 * A model's figures.
 * @throws LatchkeyError `invalid-input` for fewer than two folds, or when genuine or impostor pairs are missing.
 */
export function judge(pairs: readonly ImagePair[], folder: EncodedFolder): ModelResult {
  const judged = pairs.map((pair): JudgedPair => {
    const a = folder.pictures.get(pair.imageA)?.face;
    const b = folder.pictures.get(pair.imageB)?.face;
    return { ...pair, distance: a && b ? Math.sqrt(squaredDistance(a.values, b.values)) : null };
  });
  const missed = picturesOf(pairs).filter((path) => !folder.pictures.get(path)?.face);
  return { ...folder, pairs: judged, evaluation: evaluatePairs(judged), missed };
}

/** A result in the form of `latchkey evaluate --json` (issue 5). */
export function toJson({ model, detector, evaluation, missed, msPerImage }: ModelResult) {
  const { pairs, accuracy, threshold, auc, eer, tarAtFmr } = evaluation;
  return {
    model: model.id,
    detector,
    pairs,
    missedImages: missed.length,
    accuracy,
    threshold,
    auc,
    eer,
    tarAtFmr,
    msPerImage,
  };
}
