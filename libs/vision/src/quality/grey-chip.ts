import type { ImagePyramid } from '../image/image-pyramid.ts';
import { type Similarity, transformPoint, warpToPlanes } from '../image/warp.ts';

/** A rectangle of an aligned face in its pixels: its middle, and half its width and height. */
export interface ChipArea {
  readonly x: number;
  readonly y: number;
  readonly halfWidth: number;
  readonly halfHeight: number;
}

/** First and end of some columns and rows of an aligned face. */
export interface PixelBounds {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Grey values 0 … 255 of a part of an upright, aligned face, row by row. */
export interface GreyChip {
  /** Which part it is. */
  readonly bounds: PixelBounds;
  readonly data: Float32Array;
}

/**
 * Cuts what some areas cover out of a picture, and their neighbours, in grey: the rest of an aligned face is three times as much.
 * @param toPicture from the aligned face's pixels to the picture's.
 * @param side of the aligned face.
 */
export function greyChip(
  pyramid: ImagePyramid,
  toPicture: Similarity,
  side: number,
  areas: readonly ChipArea[],
): GreyChip {
  const covered = areas.map((area) => within({ left: 0, right: side, top: 0, bottom: side }, area));
  const left = Math.min(...covered.map((bounds) => bounds.left)) - 1;
  const top = Math.min(...covered.map((bounds) => bounds.top)) - 1;
  const right = Math.max(left + 2, ...covered.map((bounds) => bounds.right)) + 1;
  const bottom = Math.max(top + 2, ...covered.map((bounds) => bounds.bottom)) + 1;
  const [tx, ty] = transformPoint(toPicture, left, top);
  const size = { width: right - left, height: bottom - top };
  const plane = size.width * size.height;
  const rgb = new Float32Array(3 * plane);
  warpToPlanes(pyramid, { ...toPicture, tx, ty }, size, { mean: [0, 0, 0], factor: 1 }, rgb);
  const data = new Float32Array(plane);
  // Rec. 601 luma.
  for (let i = 0; i < plane; i++) {
    data[i] = 0.299 * (rgb[i] as number) + 0.587 * (rgb[i + plane] as number) + 0.114 * (rgb[i + 2 * plane] as number);
  }
  return { bounds: { left, right, top, bottom }, data };
}

/** Where an area lies in the data of a chip. */
export interface AreaInChip extends PixelBounds {
  /** From one row to the next. */
  readonly stride: number;
  /** How many pixels it has. */
  readonly count: number;
}

/**
 * The pixels of an area that lie within the chip and have neighbours on all sides; columns and rows count from the chip's first.
 * Whoever looks at them loops itself: a function called for each costs more than what it computes.
 */
export function areaIn({ bounds }: GreyChip, area: ChipArea): AreaInChip {
  const { left, right, top, bottom } = within(bounds, area);
  return {
    left: left - bounds.left,
    right: right - bounds.left,
    top: top - bounds.top,
    bottom: bottom - bounds.top,
    stride: bounds.right - bounds.left,
    count: Math.max(right - left, 0) * Math.max(bottom - top, 0),
  };
}

function within({ left, right, top, bottom }: PixelBounds, area: ChipArea): PixelBounds {
  const column = (value: number): number => Math.min(Math.max(Math.round(value), left + 1), right - 1);
  const row = (value: number): number => Math.min(Math.max(Math.round(value), top + 1), bottom - 1);
  return {
    left: column(area.x - area.halfWidth),
    right: column(area.x + area.halfWidth),
    top: row(area.y - area.halfHeight),
    bottom: row(area.y + area.halfHeight),
  };
}

/** Mean and deviation of an area's grey values; zeros for an area without pixels. */
export function statisticsOf(chip: GreyChip, area: ChipArea): { mean: number; deviation: number } {
  const { left, right, top, bottom, stride, count } = areaIn(chip, area);
  let sum = 0;
  let squares = 0;
  for (let y = top; y < bottom; y++) {
    for (let i = y * stride + left; i < y * stride + right; i++) {
      const value = chip.data[i] as number;
      sum += value;
      squares += value * value;
    }
  }
  if (count === 0) return { mean: 0, deviation: 0 };
  const mean = sum / count;
  return { mean, deviation: Math.sqrt(Math.max(squares / count - mean * mean, 0)) };
}
