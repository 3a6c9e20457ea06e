import type { DetectedFace } from '../networks/blazeface/decode.ts';
import { landmarkRanges, meanPoint } from './landmark-points.ts';

/** Twice what 99.9 % of the faces of lfw-dev show (0.21). */
const MAX_DISAGREEMENT = 0.32;

/** From here on the detector alone is believed: the landmarks of a profile are poor. Texture in fine grids got 0.67. */
const SURE_SCORE = 0.7;

/**
 * How far the detector's eyes, nose and mouth are from the landmarks', in distances between the eyes (0.4 of
 * BlazeFace's box, which a profile does not narrow). Two networks that see different things look at no face.
 */
export function disagreement(face: DetectedFace, landmarks: Float32Array): number {
  const features = [
    landmarkRanges.rightEye,
    landmarkRanges.leftEye,
    landmarkRanges.noseTip,
    landmarkRanges.mouthCorners,
  ];
  const total = features.reduce((sum, range, i) => {
    const [x, y] = meanPoint(landmarks, range);
    return sum + Math.hypot(x - (face.points[2 * i] ?? 0), y - (face.points[2 * i + 1] ?? 0));
  }, 0);
  return total / features.length / (0.4 * face.width);
}

/** Whether a detection is to be taken for a face. */
export function isFace(face: DetectedFace, landmarks: Float32Array): boolean {
  return face.score >= SURE_SCORE || disagreement(face, landmarks) <= MAX_DISAGREEMENT;
}
