import type { Similarity } from '../image/warp.ts';
import { fitSimilarity } from './fit-similarity.ts';
import { landmarkRanges, meanPoint } from './landmark-points.ts';

/**
 * Where right eye, left eye, nose tip and corners of the mouth stand in an aligned face of 112 pixels (insightface,
 * `face_align.py`, `arcface_dst`), in pixel centres as there.
 */
const TEMPLATE = [38.2946, 51.6963, 73.5318, 51.5014, 56.0252, 71.7366, 41.5493, 92.3655, 70.7299, 92.2041] as const;
const TEMPLATE_PX = 112;

/** Half a pixel more in continuous coordinates. */
const CENTRE = 0.5;

/** The five points out of 68, in the order that {@link fivePointsToPicture} takes. */
export function fivePointsOf(landmarks: ArrayLike<number>): Float32Array {
  const [rightCorner, leftCorner] = [48, 54];
  return Float32Array.of(
    ...meanPoint(landmarks, landmarkRanges.rightEye),
    ...meanPoint(landmarks, landmarkRanges.leftEye),
    ...meanPoint(landmarks, landmarkRanges.noseTip),
    ...meanPoint(landmarks, [rightCorner, rightCorner + 1]),
    ...meanPoint(landmarks, [leftCorner, leftCorner + 1]),
  );
}

/**
 * From the pixels of a face aligned by five points to the picture's.
 * @param points x, y of right eye, left eye, nose tip, right and left corner of the mouth in picture pixels.
 * @param side of the aligned face in pixels.
 */
export function fivePointsToPicture(points: ArrayLike<number>, side: number): Similarity {
  const scale = side / TEMPLATE_PX;
  return fitSimilarity(
    TEMPLATE.map((value) => (value + CENTRE) * scale),
    points,
  );
}
