import type { Tensor } from '../../engines/inference-engine.ts';
import type { ScoredBox } from '../scored-box.ts';
import { TINY_FACE_CELLS, TINY_FACE_INPUT_PX, TINY_FACE_PLACES } from './network.ts';

/** Width and height of each place's usual face in cells (face-api, `tinyFaceDetector/const.ts`). */
const anchors = [
  [1.603231, 2.094468],
  [6.041143, 7.080126],
  [2.882459, 3.518061],
  [4.266906, 5.178857],
  [9.041765, 10.66308],
] as const;

const VALUES = 5;

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/**
 * Faces of one picture of a batch with a score of at least `minScore`, in input pixels, not yet freed of duplicates: the
 * centre within its cell, the size as a factor of the anchor's, the score (YOLO9000, arXiv:1612.08242 §2).
 */
export function decodeTinyFace([predictions]: readonly Tensor[], batchIndex: number, minScore: number): ScoredBox[] {
  const data = predictions?.data ?? new Float32Array();
  const count = TINY_FACE_CELLS ** 2 * TINY_FACE_PLACES;
  const cellPx = TINY_FACE_INPUT_PX / TINY_FACE_CELLS;
  const boxes: ScoredBox[] = [];
  for (let i = 0; i < count; i++) {
    const at = (batchIndex * count + i) * VALUES;
    const value = (offset: number): number => data[at + offset] ?? Number.NEGATIVE_INFINITY;
    const score = sigmoid(value(4));
    if (score < minScore) continue;
    const cell = Math.floor(i / TINY_FACE_PLACES);
    const [anchorWidth, anchorHeight] = anchors[i % TINY_FACE_PLACES] ?? [0, 0];
    const width = Math.exp(value(2)) * anchorWidth * cellPx;
    const height = Math.exp(value(3)) * anchorHeight * cellPx;
    const centreX = ((cell % TINY_FACE_CELLS) + sigmoid(value(0))) * cellPx;
    const centreY = (Math.floor(cell / TINY_FACE_CELLS) + sigmoid(value(1))) * cellPx;
    boxes.push({ x: centreX - width / 2, y: centreY - height / 2, width, height, score });
  }
  return boxes;
}
