import type { DetectedFace } from '../detect/detect-faces.ts';
import { landmarkRanges, meanPoint } from './landmark-points.ts';

/** Twice what 99.9 % of the faces of lfw-dev show (0.21). */
const MAX_DISAGREEMENT = 0.32;

/** From here on the detector alone is believed: the landmarks of a profile are poor. Texture in fine grids got 0.67. */
const SURE_SCORE = 0.7;

/**
 * How far the detector's eyes, nose and mouth are from the landmarks', in distances between the eyes (0.4 of
 * BlazeFace's box, which a profile does not narrow). Two networks that see different things look at no face.
 * @param features x, y of right eye, left eye, nose tip and middle of the mouth.
 * @param width of the box.
 */
export function disagreement(features: Float32Array, width: number, landmarks: Float32Array): number {
  const ranges = [landmarkRanges.rightEye, landmarkRanges.leftEye, landmarkRanges.noseTip, landmarkRanges.mouthCorners];
  const total = ranges.reduce((sum, range, i) => {
    const [x, y] = meanPoint(landmarks, range);
    return sum + Math.hypot(x - (features[2 * i] ?? 0), y - (features[2 * i + 1] ?? 0));
  }, 0);
  return total / ranges.length / (0.4 * width);
}

/** Whether a detection is to be taken for a face: one whose score is high, or whose features the landmarks confirm. */
export function isFace({ score, features, width }: DetectedFace, landmarks: Float32Array): boolean {
  return features === null || score >= SURE_SCORE || disagreement(features, width, landmarks) <= MAX_DISAGREEMENT;
}
