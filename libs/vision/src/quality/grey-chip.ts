import type { ImagePyramid } from '../image/image-pyramid.ts';
import { type Similarity, warpToPlanes } from '../image/warp.ts';

/** Grey values 0 … 255 of an upright, aligned face, `side · side`. */
export interface GreyChip {
  readonly side: number;
  readonly data: Float32Array;
}

/** Cuts an aligned face out of a picture, in grey. @param toPicture from the chip's pixels to the picture's. */
export function greyChip(pyramid: ImagePyramid, toPicture: Similarity, side: number): GreyChip {
  const plane = side * side;
  const rgb = new Float32Array(3 * plane);
  warpToPlanes(pyramid, toPicture, side, { mean: [0, 0, 0], factor: 1 }, rgb);
  const data = new Float32Array(plane);
  // Rec. 601 luma.
  for (let i = 0; i < plane; i++) {
    data[i] = 0.299 * (rgb[i] as number) + 0.587 * (rgb[i + plane] as number) + 0.114 * (rgb[i + 2 * plane] as number);
  }
  return { side, data };
}

/** A rectangle of a chip in its pixels: its middle, and half its width and height. */
export interface ChipArea {
  readonly x: number;
  readonly y: number;
  readonly halfWidth: number;
  readonly halfHeight: number;
}

/** Calls `visit` with the index of every pixel of an area that lies within the chip and has neighbours on all sides. */
export function eachPixel({ side }: GreyChip, area: ChipArea, visit: (index: number) => void): void {
  const within = (value: number): number => Math.min(Math.max(Math.round(value), 1), side - 1);
  const [left, right] = [within(area.x - area.halfWidth), within(area.x + area.halfWidth)];
  const [top, bottom] = [within(area.y - area.halfHeight), within(area.y + area.halfHeight)];
  for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) visit(y * side + x);
}

/** Mean and deviation of an area's grey values; zeros for an area without pixels. */
export function statisticsOf(chip: GreyChip, area: ChipArea): { mean: number; deviation: number } {
  let [sum, squares, count] = [0, 0, 0];
  eachPixel(chip, area, (i) => {
    const value = chip.data[i] as number;
    sum += value;
    squares += value * value;
    count++;
  });
  if (count === 0) return { mean: 0, deviation: 0 };
  const mean = sum / count;
  return { mean, deviation: Math.sqrt(Math.max(squares / count - mean * mean, 0)) };
}
