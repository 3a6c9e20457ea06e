import type { ImagePyramid } from '../image/image-pyramid.ts';
import type { ScoredBox } from '../networks/scored-box.ts';

/** A detector that comes with Latchkey's packages. */
export type PackagedDetectorName = 'blazeface' | 'ssd-mobilenet' | 'tiny-face';

/** Every detector's name. */
export type DetectorName = PackagedDetectorName | 'yunet';

/** A square around a face, turned so that the eyes are level; in picture pixels. */
export interface FaceSquare {
  readonly centreX: number;
  readonly centreY: number;
  readonly side: number;
  /** Direction from the right eye to the left one. */
  readonly cos: number;
  readonly sin: number;
}

/** A face as a detector sees it, in picture pixels; the box may reach over the picture's edges. */
export interface DetectedFace extends ScoredBox {
  /** Where the 68 landmarks are to be looked for. */
  readonly square: FaceSquare;
  /** Right eye, left eye, nose tip, right and left corner of the mouth; null when the detector gives none to align by. */
  readonly fivePoints: Float32Array | null;
  /**
   * Right eye, left eye, nose tip and middle of the mouth when the score alone does not prove a face: it is none when the
   * landmarks are elsewhere. Null when there is nothing to compare.
   */
  readonly features: Float32Array | null;
}

/** Finds faces of every size from a smallest one to the whole picture. */
export interface DetectFaces {
  readonly name: DetectorName;
  /** Whether every face comes with its five points. */
  readonly givesFivePoints: boolean;
  /**
   * @param minFacePx faces of a smaller height, forehead to chin, may be missed; those below three quarters of it are not returned.
   * @returns one detection per face, in no order.
   */
  detect(pyramid: ImagePyramid, minFacePx: number, signal?: AbortSignal): Promise<DetectedFace[]>;
}
