import { invertSimilarity, type Similarity, transformPoint } from '../image/warp.ts';
import type { ChipArea } from './grey-chip.ts';

/** Where the parts of a face are in an aligned chip. */
export interface FaceAreas {
  /** From the brows to the mouth, across the whole face. */
  readonly face: ChipArea;
  readonly rightEye: ChipArea;
  readonly leftEye: ChipArea;
  /** The eyes with lids and brows. */
  readonly rightLids: ChipArea;
  readonly leftLids: ChipArea;
  readonly mouth: ChipArea;
}

/**
 * The parts of a face by its five points.
 * @param points x, y of right eye, left eye, nose tip, right and left corner of the mouth in picture pixels.
 * @param toPicture from the chip's pixels to the picture's.
 * @param eyes distance between the eyes in chip pixels.
 */
export function faceAreas(points: ArrayLike<number>, toPicture: Similarity, eyes: number): FaceAreas {
  const toChip = invertSimilarity(toPicture);
  const at = (i: number): [number, number] => transformPoint(toChip, points[2 * i] ?? 0, points[2 * i + 1] ?? 0);
  const [right, left, mouthRight, mouthLeft] = [at(0), at(1), at(3), at(4)];
  const between = (a: [number, number], b: [number, number]): [number, number] => [
    (a[0] + b[0]) / 2,
    (a[1] + b[1]) / 2,
  ];
  const mouth = between(mouthRight, mouthLeft);
  const area = ([x, y]: readonly [number, number], halfWidth: number, halfHeight: number): ChipArea => ({
    x,
    y,
    halfWidth: halfWidth * eyes,
    halfHeight: halfHeight * eyes,
  });
  return {
    face: area(between(between(right, left), mouth), 0.85, 0.8),
    rightEye: area(right, 0.2, 0.1),
    leftEye: area(left, 0.2, 0.1),
    rightLids: area(right, 0.34, 0.18),
    leftLids: area(left, 0.34, 0.18),
    mouth: area(mouth, 0.5, 0.24),
  };
}
