import type { PointedBox } from '../networks/scored-box.ts';
import { intersectionOverSmaller, intersectionOverUnion } from './overlap.ts';

/** Overlap from which two detections are one face (MediaPipe's detector uses 0.3 too). */
const SAME_FACE = 0.3;

/** A box that lies this far inside a surer one is a part of that face, seen at another scale. */
const PART_OF_FACE = 0.7;

/**
 * One detection per face: the surest of each heap gives its score, and box and points are the mean of the heap weighted
 * by score, as BlazeFace's authors do it (arXiv:1907.05047 §3.4): steadier from frame to frame than the surest alone.
 */
export function mergeDetections(detections: readonly PointedBox[]): PointedBox[] {
  let rest = [...detections].sort((a, b) => b.score - a.score);
  const faces: PointedBox[] = [];
  for (let best = rest[0]; best; best = rest[0]) {
    const leader = best;
    const heap = rest.filter((face) => face === leader || intersectionOverUnion(face, leader) > SAME_FACE);
    rest = rest.filter((face) => !heap.includes(face) && intersectionOverSmaller(face, leader) < PART_OF_FACE);
    faces.push(weightedMean(heap, leader.score));
  }
  return faces;
}

function weightedMean(heap: readonly PointedBox[], score: number): PointedBox {
  const total = heap.reduce((sum, face) => sum + face.score, 0);
  const mean = (value: (face: PointedBox) => number): number =>
    heap.reduce((sum, face) => sum + value(face) * face.score, 0) / total;
  return {
    x: mean((face) => face.x),
    y: mean((face) => face.y),
    width: mean((face) => face.width),
    height: mean((face) => face.height),
    score,
    points: Float32Array.from({ length: heap[0]?.points.length ?? 0 }, (_, i) => mean((face) => face.points[i] ?? 0)),
  };
}
