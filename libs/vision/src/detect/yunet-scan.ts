import { decodeYunet } from '../networks/yunet/decode.ts';
import type { DetectionLimits } from './box-scans.ts';
import { squareAround } from './face-square.ts';
import type { ScanTile } from './scan-plan.ts';
import type { ScanningNetwork, ScanWindow } from './scanning-detector.ts';
import { suppressOverlaps } from './suppress-overlaps.ts';

/** Longer side of an input at most: of faces higher than this it misses some (lfw-dev: none of 480 px, 3 % of 640 px). */
const LARGEST_INPUT_PX = 640;

/** Longer side of an input at least, so that the points of a small picture's face are exact. */
export const YUNET_INPUT_PX = 320;

/** Height of the smallest face in an input: 98 % of 25 px were found (lfw-dev). */
const SMALLEST_FACE_PX = 25;

/** The network takes multiples of this. */
const CELL_PX = 32;

/** YuNet as a detector: one look at most pictures, no finer than the smallest wanted face needs. It needs no margin. */
export function yunetScan({ minScore, maxOverlap }: DetectionLimits): ScanningNetwork {
  const smallest = SMALLEST_FACE_PX / LARGEST_INPUT_PX;
  return {
    name: 'yunet',
    givesFivePoints: true,
    pixels: { mean: [0, 0, 0], factor: 1, order: 'bgr' },
    faceHeight: 1,
    limits: { margin: 0, smallestInWhole: smallest, smallestInTiles: smallest, step: 4 },
    minScore,
    minScoreInTiles: minScore,
    windowOf,
    decode: (outputs, score, width) => suppressOverlaps(decodeYunet(outputs, 0, width, score), maxOverlap),
    // The square lies where BlazeFace's does (lfw-dev).
    describe: (face) => ({
      ...face,
      square: squareAround(face, 0.985, 0.095, face.points),
      fivePoints: face.points,
      features: null,
    }),
  };
}

/** The part of a tile that lies in the picture, at the scale that the smallest face needs. */
function windowOf(
  tile: ScanTile,
  picture: { readonly width: number; readonly height: number },
  minBoxPx: number,
): ScanWindow {
  const left = Math.max(tile.x, 0);
  const top = Math.max(tile.y, 0);
  const across = Math.min(tile.x + tile.side, picture.width) - left;
  const down = Math.min(tile.y + tile.side, picture.height) - top;
  const longer = Math.max(across, down);
  const wanted = Math.max(SMALLEST_FACE_PX / minBoxPx, YUNET_INPUT_PX / longer);
  const scale = 1 / Math.min(wanted, LARGEST_INPUT_PX / longer);
  return { x: left, y: top, scale, width: cells(across / scale), height: cells(down / scale) };
}

function cells(length: number): number {
  // A hair less, so that a rounding error adds no row of cells.
  return Math.max(1, Math.ceil(length / CELL_PX - 1e-9)) * CELL_PX;
}
