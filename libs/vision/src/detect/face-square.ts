import type { Box } from '@latchkey/domain';
import type { FaceSquare } from './detect-faces.ts';

/**
 * The square around a box.
 * @param size its side in longer sides of the box.
 * @param eyes x, y of the right, then of the left eye; without them the face is taken for upright.
 */
export function squareAround(box: Box, size: number, eyes: ArrayLike<number> = []): FaceSquare {
  return {
    centreX: box.x + box.width / 2,
    centreY: box.y + box.height / 2,
    side: Math.max(box.width, box.height) * size,
    ...levelDirection((eyes[2] ?? 0) - (eyes[0] ?? 0), (eyes[3] ?? 0) - (eyes[1] ?? 0)),
  };
}

/** Cosine and sine of the direction of a vector; to the right for none. */
export function levelDirection(x: number, y: number): { cos: number; sin: number } {
  const length = Math.hypot(x, y);
  return length > 0 ? { cos: x / length, sin: y / length } : { cos: 1, sin: 0 };
}
