import type { Similarity } from '../image/warp.ts';
import { fitSimilarity } from './fit-similarity.ts';

/** Outer corners of the eyes and the point below the nose, of the 68 (OpenFace, `OUTER_EYES_AND_NOSE`). */
const POINTS = [36, 45, 33] as const;

/** Where they stand in an aligned face as shares of its side (OpenFace, `align_dlib.py`, `MINMAX_TEMPLATE`). */
const TEMPLATE = [0.194157, 0.169267, 0.788859, 0.158171, 0.494951, 0.514441] as const;

/**
 * From the pixels of a face aligned as OpenFace's networks were trained to the picture's. OpenFace takes the three points
 * exactly there, which distorts turned faces; here the nearest similarity does.
 * @param landmarks 136 values x, y in picture pixels.
 * @param side of the aligned face in pixels.
 */
export function eyesNoseToPicture(landmarks: ArrayLike<number>, side: number): Similarity {
  return fitSimilarity(
    TEMPLATE.map((share) => share * side),
    POINTS.flatMap((point) => [landmarks[2 * point] ?? 0, landmarks[2 * point + 1] ?? 0]),
  );
}
