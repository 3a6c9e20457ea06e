import type { Box } from '@latchkey/domain';

/** A place where a detector sees a face. */
export interface ScoredBox extends Box {
  /** 0 … 1. */
  readonly score: number;
}

/** The same with the features that the detector sees in it. */
export interface PointedBox extends ScoredBox {
  /** x, y of each; which they are is the detector's matter. Empty when it gives none. */
  readonly points: Float32Array;
}
