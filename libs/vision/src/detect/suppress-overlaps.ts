import type { ScoredBox } from '../networks/scored-box.ts';
import { intersectionOverUnion } from './overlap.ts';

/**
 * The surest box of each heap, surest first: non-maximum suppression as the authors of detectors use it.
 * @param maxOverlap boxes that share more of their union than this are one face.
 */
export function suppressOverlaps<Face extends ScoredBox>(boxes: readonly Face[], maxOverlap: number): Face[] {
  const kept: Face[] = [];
  for (const box of [...boxes].sort((a, b) => b.score - a.score)) {
    if (kept.every((other) => intersectionOverUnion(box, other) <= maxOverlap)) kept.push(box);
  }
  return kept;
}
