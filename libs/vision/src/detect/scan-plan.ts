/** A square region of a picture that the detector looks at in one pass, in picture pixels; may reach over the edges. */
export interface ScanTile {
  readonly x: number;
  readonly y: number;
  readonly side: number;
}

/**
 * Margin around the whole picture: detectors miss faces that fill their input, and scores were highest with a face
 * within a black frame of a quarter of the picture's longer side on each side (measured on lfw-dev).
 */
const WHOLE_PICTURE = 1.5;

/** Smallest face that BlazeFace finds reliably, as a share of its input: 14 of 256 px (22 of 22 faces still at 11 px). */
const SMALLEST_SHARE = 14 / 256;

/** How much finer the next scan may be: each still sees faces that nearly fill a quarter of its tile. */
const LEVEL_STEP = 4;

/**
 * Tiles to scan so that every face of at least `minFacePx` is seen whole by some tile at a size that the detector can
 * find: the whole picture within a margin, then, for large pictures, finer overlapping grids.
 * @returns one list of tiles per level, coarse to fine.
 */
export function planScan(width: number, height: number, minFacePx: number): readonly (readonly ScanTile[])[] {
  const longer = Math.max(width, height);
  const whole = longer * WHOLE_PICTURE;
  const levels: ScanTile[][] = [[{ x: (width - whole) / 2, y: (height - whole) / 2, side: whole }]];
  const finest = Math.max(minFacePx, 8) / SMALLEST_SHARE;
  for (let previous = whole; previous > finest; ) {
    const side = Math.max(previous / LEVEL_STEP, finest);
    // A face that the coarser level is too coarse for must fit into the overlap of two tiles.
    const overlap = Math.min(previous * SMALLEST_SHARE * 1.25, side / 2);
    const columns = starts(width, side, overlap);
    const rows = starts(height, side, overlap);
    levels.push(rows.flatMap((y) => columns.map((x) => ({ x, y, side }))));
    previous = side;
  }
  return levels;
}

/** Evenly spread tiles that cover `length` and half an overlap beyond both ends. */
function starts(length: number, side: number, overlap: number): number[] {
  const margin = overlap / 2;
  const covered = length + 2 * margin;
  const count = Math.max(1, Math.ceil((covered - overlap) / (side - overlap)));
  if (count === 1) return [(length - side) / 2];
  const step = (covered - side) / (count - 1);
  return Array.from({ length: count }, (_, i) => i * step - margin);
}
