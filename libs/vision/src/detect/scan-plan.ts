/** A square region of a picture that the detector looks at in one pass, in picture pixels; may reach over the edges. */
export interface ScanTile {
  readonly x: number;
  readonly y: number;
  readonly side: number;
}

/** What faces a detector sees reliably. */
export interface ScanLimits {
  /** Black margin on each side of the whole picture, as a share of its longer side: detectors miss faces that fill their input. */
  readonly margin: number;
  /** The smallest box (longer side) as a share of the input: in the whole picture, … */
  readonly smallestInWhole: number;
  /** … and in finer tiles, where scores must be higher. */
  readonly smallestInTiles: number;
  /** How much finer the next scan may be: each must still see the faces that the one before is too coarse for. */
  readonly step: number;
}

/**
 * How much smaller than the smallest reliable face one may appear before a finer scan is worth its time: BlazeFace still
 * found 22 of 22 faces at 0.79 of it.
 */
const TOLERANCE = 0.87;

/**
 * Tiles to scan so that every face of at least `minBoxPx` is seen whole by some tile at a size that the detector can
 * find: the whole picture within a margin, then, for large pictures, finer overlapping grids.
 * @returns one list of tiles per level, coarse to fine.
 */
export function planScan(
  width: number,
  height: number,
  minBoxPx: number,
  { margin, smallestInWhole, smallestInTiles, step }: ScanLimits,
): readonly (readonly ScanTile[])[] {
  const longer = Math.max(width, height);
  const whole = longer * (1 + 2 * margin);
  const levels: ScanTile[][] = [[{ x: (width - whole) / 2, y: (height - whole) / 2, side: whole }]];
  if (whole * smallestInWhole <= minBoxPx) return levels;
  const finest = Math.max(minBoxPx, 8) / smallestInTiles;
  for (let previous = whole; previous * TOLERANCE > finest; ) {
    const side = Math.max(previous / step, finest);
    // A face that the coarser level is too coarse for must fit into the overlap of two tiles.
    const overlap = Math.min(previous * smallestInTiles * 1.25, side / 2);
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
