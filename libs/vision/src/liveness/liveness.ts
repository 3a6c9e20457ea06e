import type { ImagePyramid } from '../image/image-pyramid.ts';

/** How sure it is that a face is a living one before the camera, not a picture of one. */
export interface Liveness {
  /** 0 (surely a picture) … 1 (surely alive). */
  readonly score: number;
  /** What each network says, 0 … 1. */
  readonly parts: { readonly antispoof: number; readonly liveness: number };
}

/** Tells living faces from pictures of faces by one picture (passive liveness). */
export interface LivenessScorer {
  /** @param points x, y of right eye, left eye, nose tip, right and left corner of the mouth in picture pixels. */
  score(pyramid: ImagePyramid, points: ArrayLike<number>): Promise<Liveness>;
}

/**
 * From this score on a face counts as alive; 2 % of lfw-dev's faces lie below it. What that is worth against attacks:
 * `docs/liveness.md`.
 */
export const LIVENESS_THRESHOLD = 0.5;
