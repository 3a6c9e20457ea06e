import type { Box, Encoding, FaceQuality, ModelId, RgbImage } from '@latchkey/domain';
import type { EngineName } from '../engines/inference-engine.ts';
import type { Liveness } from '../liveness/liveness.ts';
import type { EncodingPlan } from '../track/encoding-plan.ts';

/** One face in a picture of a camera, encoded or not. */
export interface SeenFace {
  /** In picture pixels; may reach over the picture's edges. */
  readonly box: Box;
  /** The detector's confidence, 0 … 1. */
  readonly score: number;
  /** x, y of right eye, left eye, nose tip, right and left corner of the mouth (the person's right) in picture pixels. */
  readonly points: Float32Array;
  /** 136 values x, y in picture pixels: 68 points in iBUG 300-W order. Null when detector and encoder need only five. */
  readonly landmarks: Float32Array | null;
  /** Null where it was not wanted. */
  readonly encoding: Encoding | null;
  readonly quality: FaceQuality;
  /** Null where it is not measured. */
  readonly liveness: Liveness | null;
}

/** One face in a picture. */
export interface FaceObservation extends SeenFace {
  readonly encoding: Encoding;
}

/** What must be known to compare a model's encodings. Distances are Euclidean. */
export interface EncoderCard {
  readonly id: ModelId;
  readonly dimension: number;
  /** Largest distance of one person's encodings in a 1:1 verification. */
  readonly maxDistance: number;
  /** The stricter limit for a search among many. */
  readonly identifyMaxDistance: number;
  /** How much nearer the best person must be than the next. */
  readonly minMargin: number;
}

/** Height from forehead to chin below which faces are too coarse to tell people apart. */
export const DEFAULT_MIN_FACE_PX = 40;

/** Options of one analysis. */
export interface AnalyzeOptions {
  readonly signal?: AbortSignal;
  /** Smaller faces (forehead to chin) are neither looked for nor returned. Default 40. */
  readonly minFacePx?: number;
  /** Whether liveness is measured, by an analyzer that was made for it. Default true. */
  readonly liveness?: boolean;
}

/** Options of one look at a camera's picture. */
export interface LookOptions extends AnalyzeOptions {
  /** Which faces are encoded and measured for liveness; the others are only found. */
  readonly plan: EncodingPlan;
}

/** Finds, aligns and encodes faces. */
export interface FaceAnalyzer {
  readonly model: EncoderCard;
  /** Name and version of the detector that finds the faces, e.g. `blazeface@human-3.3.6`. */
  readonly detector: string;
  /** The engine that computes. */
  readonly engine: EngineName;
  /**
   * Every face of a picture, the one that covers most of it first; calls are worked off one after another.
   * @throws LatchkeyError `invalid-input` for a picture whose data do not fit its size; the signal's reason when aborted.
   */
  analyze(image: RgbImage, options?: AnalyzeOptions): Promise<readonly FaceObservation[]>;
  /**
   * As {@link analyze}, but only the faces that the plan wants are encoded: those of a camera are the same for many frames.
   */
  look(image: RgbImage, options: LookOptions): Promise<readonly SeenFace[]>;
  /** Gives all memory and threads back; may be called twice. Running analyses are finished or refused. */
  dispose(): Promise<void>;
}
