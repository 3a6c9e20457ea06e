import type { CameraArea } from '@latchkey/config';
import type { RgbImage } from '@latchkey/domain';

/** Cells of a grid: enough to see a person enter, few enough to cost nothing. */
export const gridWidth = 64;
export const gridHeight = 36;
/** Pixels that are looked at per cell and direction; their mean has a quarter of their noise. */
const probes = 4;

/** Brightness of a picture, coarsely. */
export interface LumaGrid {
  /** Mean brightness of each cell, 0–255, row by row. */
  readonly cells: Uint8Array;
  /** Brightness of the single pixels that were looked at, with all of their noise. */
  readonly samples: Uint8Array;
}

/** Looks at 16 pixels in each cell of the picture: 37,000 in all, whatever its size. */
export function lumaGrid({ width, height, data }: RgbImage): LumaGrid {
  const cells = new Uint8Array(gridWidth * gridHeight);
  const samples = new Uint8Array(cells.length * probes * probes);
  const columns = gridWidth * probes;
  const offsets = new Uint32Array(columns);
  for (let column = 0; column < columns; column++) {
    offsets[column] = Math.floor(((column + 0.5) * width) / columns) * 3;
  }
  const sums = new Uint32Array(gridWidth);
  let sample = 0;
  for (let row = 0; row < gridHeight * probes; row++) {
    const start = Math.floor(((row + 0.5) * height) / (gridHeight * probes)) * width * 3;
    for (let column = 0; column < columns; column++) {
      const at = start + (offsets[column] ?? 0);
      // ITU-R BT.601 in 256ths.
      const luma = ((data[at] ?? 0) * 77 + (data[at + 1] ?? 0) * 150 + (data[at + 2] ?? 0) * 29) >> 8;
      samples[sample++] = luma;
      const cell = column >> 2;
      sums[cell] = (sums[cell] ?? 0) + luma;
    }
    if (row % probes !== probes - 1) continue;
    const first = ((row - probes + 1) / probes) * gridWidth;
    for (let cell = 0; cell < gridWidth; cell++) cells[first + cell] = (sums[cell] ?? 0) / (probes * probes);
    sums.fill(0);
  }
  return { cells, samples };
}

/**
 * Which cells count, 1 or 0: those of the region that no mask touches.
 * @param region null: the whole picture.
 */
export function countedCells(region: CameraArea | null, masks: readonly CameraArea[]): Uint8Array {
  const counted = new Uint8Array(gridWidth * gridHeight);
  for (let cell = 0; cell < counted.length; cell++) {
    const x = (cell % gridWidth) / gridWidth;
    const y = Math.floor(cell / gridWidth) / gridHeight;
    const inside = region === null || touches(region, x, y);
    counted[cell] = inside && !masks.some((mask) => touches(mask, x, y)) ? 1 : 0;
  }
  return counted;
}

function touches(area: CameraArea, x: number, y: number): boolean {
  return (
    x + 1 / gridWidth > area.x && x < area.x + area.width && y + 1 / gridHeight > area.y && y < area.y + area.height
  );
}
