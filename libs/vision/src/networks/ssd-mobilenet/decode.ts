import type { Tensor } from '../../engines/inference-engine.ts';
import type { ScoredBox } from '../scored-box.ts';
import { SSD_CLASSES, SSD_INPUT_PX, SSD_PLACES } from './network.ts';

/** SSD's variances: offsets are stored tenfold, logarithms of sizes fivefold. */
const OFFSET_SCALE = 10;
const SIZE_SCALE = 5;

const FACE = 1;

/**
 * Faces of one picture of a batch with a score of at least `minScore`, in input pixels, not yet freed of duplicates. Boxes
 * are relative to the priors, which are top, left, bottom, right as shares of the picture (SSD, arXiv:1512.02325 §2.2).
 */
export function decodeSsd(
  [boxes, logits, priors]: readonly Tensor[],
  batchIndex: number,
  minScore: number,
): ScoredBox[] {
  const found: ScoredBox[] = [];
  for (let i = 0; i < SSD_PLACES; i++) {
    const logit = logits?.data[(batchIndex * SSD_PLACES + i) * SSD_CLASSES + FACE] ?? Number.NEGATIVE_INFINITY;
    const score = 1 / (1 + Math.exp(-logit));
    if (score < minScore) continue;
    const prior = (side: number): number => (priors?.data[i * 4 + side] ?? 0) * SSD_INPUT_PX;
    const encoded = (value: number): number => boxes?.data[(batchIndex * SSD_PLACES + i) * 4 + value] ?? 0;
    const [priorHeight, priorWidth] = [prior(2) - prior(0), prior(3) - prior(1)];
    const centreY = prior(0) + priorHeight / 2 + (encoded(0) / OFFSET_SCALE) * priorHeight;
    const centreX = prior(1) + priorWidth / 2 + (encoded(1) / OFFSET_SCALE) * priorWidth;
    const height = Math.exp(encoded(2) / SIZE_SCALE) * priorHeight;
    const width = Math.exp(encoded(3) / SIZE_SCALE) * priorWidth;
    found.push({ x: centreX - width / 2, y: centreY - height / 2, width, height, score });
  }
  return found;
}
