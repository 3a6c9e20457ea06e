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

/** First and end of the columns and rows of an area that lie within the chip and have neighbours on all sides. */
export interface PixelBounds {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** The pixels of an area. Whoever looks at them loops itself: a function called for each costs more than what it computes. */
export function boundsOf({ side }: GreyChip, area: ChipArea): PixelBounds {
  const within = (value: number): number => Math.min(Math.max(Math.round(value), 1), side - 1);
  return {
    left: within(area.x - area.halfWidth),
    right: within(area.x + area.halfWidth),
    top: within(area.y - area.halfHeight),
    bottom: within(area.y + area.halfHeight),
  };
}

/** How many pixels there are within bounds. */
export function pixelCount({ left, right, top, bottom }: PixelBounds): number {
  return Math.max(right - left, 0) * Math.max(bottom - top, 0);
}

/** Mean and deviation of an area's grey values; zeros for an area without pixels. */
export function statisticsOf(chip: GreyChip, area: ChipArea): { mean: number; deviation: number } {
  const { side, data } = chip;
  const bounds = boundsOf(chip, area);
  const { left, right, top, bottom } = bounds;
  let sum = 0;
  let squares = 0;
  for (let y = top; y < bottom; y++) {
    for (let i = y * side + left; i < y * side + right; i++) {
      const value = data[i] as number;
      sum += value;
      squares += value * value;
    }
  }
  const count = pixelCount(bounds);
  if (count === 0) return { mean: 0, deviation: 0 };
  const mean = sum / count;
  return { mean, deviation: Math.sqrt(Math.max(squares / count - mean * mean, 0)) };
}
