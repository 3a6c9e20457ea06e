import type { Box } from '@latchkey/domain';
import { intersectionOverUnion } from '../detect/overlap.ts';

/** A face that is known well enough for the moment. */
export interface KnownFace {
  /** Where it is expected in the picture. */
  readonly box: Box;
  /** It is encoded again all the same when its quality is above this, 0 … 100. */
  readonly betterThan: number;
}

/** Which faces of a picture are worth an encoding. */
export interface EncodingPlan {
  readonly known: readonly KnownFace[];
  /** Faces of a lower quality (0 … 100) are never encoded. */
  readonly minQuality: number;
}

/** What the plan asks of a face. */
export interface PlannableFace {
  readonly box: Box;
  readonly quality: { readonly score: number };
}

/** A face that covers less of the place where a known one is expected may be somebody else. */
const minOverlap = 0.5;

/**
 * The faces of a picture that are to be encoded: good enough, and nobody known or a better view of them. Each known face
 * stands for one face at most, the one that covers its place best.
 */
export function facesToEncode<F extends PlannableFace>(faces: readonly F[], plan: EncodingPlan): ReadonlySet<F> {
  const skipped = new Set<F>();
  for (const { box, betterThan } of plan.known) {
    let [best, most]: [F | null, number] = [null, minOverlap];
    for (const face of faces) {
      const overlap = intersectionOverUnion(face.box, box);
      if (overlap >= most && !skipped.has(face)) [best, most] = [face, overlap];
    }
    if (best && !(best.quality.score > betterThan)) skipped.add(best);
  }
  return new Set(faces.filter((face) => !skipped.has(face) && face.quality.score >= plan.minQuality));
}
