import type { Box } from '@latchkey/domain';
import type { FaceSquare } from './detect-faces.ts';

/**
 * The square around a face, for a box that another detector draws otherwise.
 * @param size its side in longer sides of the box.
 * @param down how far below the box's centre its own lies, likewise.
 * @param eyes x, y of the right, then of the left eye; without them the face is taken for upright.
 */
export function squareAround(box: Box, size: number, down: number, eyes: ArrayLike<number> = []): FaceSquare {
  const longer = Math.max(box.width, box.height);
  const { cos, sin } = levelDirection((eyes[2] ?? 0) - (eyes[0] ?? 0), (eyes[3] ?? 0) - (eyes[1] ?? 0));
  return {
    centreX: box.x + box.width / 2 - down * longer * sin,
    centreY: box.y + box.height / 2 + down * longer * cos,
    side: longer * size,
    cos,
    sin,
  };
}

/** Cosine and sine of the direction of a vector; to the right for none. */
export function levelDirection(x: number, y: number): { cos: number; sin: number } {
  const length = Math.hypot(x, y);
  return length > 0 ? { cos: x / length, sin: y / length } : { cos: 1, sin: 0 };
}
