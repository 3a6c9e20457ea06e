import type { RgbImage } from '@latchkey/domain';
import type { ImagePyramid } from './image-pyramid.ts';

/**
 * A similarity: `x' = a·x − b·y + tx`, `y' = b·x + a·y + ty`. Coordinates are continuous: the first pixel covers 0 … 1.
 */
export interface Similarity {
  readonly a: number;
  readonly b: number;
  readonly tx: number;
  readonly ty: number;
}

/** How 8-bit RGB becomes a network's input: `(value − mean) · factor`. */
export interface PixelNormalisation {
  /** Of red, green and blue, 0 … 255. */
  readonly mean: readonly [number, number, number];
  /** One for all, or one each of red, green and blue. */
  readonly factor: number | readonly [number, number, number];
  /** In which order the planes are written. Default `rgb`. */
  readonly order?: 'rgb' | 'bgr';
}

/** Applies a similarity to a point. */
export function transformPoint(t: Similarity, x: number, y: number): [number, number] {
  return [t.a * x - t.b * y + t.tx, t.b * x + t.a * y + t.ty];
}

/** The similarity that undoes `t`. */
export function invertSimilarity(t: Similarity): Similarity {
  const determinant = t.a * t.a + t.b * t.b;
  const a = t.a / determinant;
  const b = -t.b / determinant;
  return { a, b, tx: -(a * t.tx - b * t.ty), ty: -(b * t.tx + a * t.ty) };
}

/**
 * Cuts a rectangle out of a picture through a similarity and writes it as planar, normalised RGB: a network's input.
 * Bilinear; black outside the picture.
 * @param toSource from the rectangle's pixels to the picture's.
 * @param size its width and height; one number for a square.
 * @param target `3 · width · height` values from `offset` on are written.
 */
export function warpToPlanes(
  pyramid: ImagePyramid,
  toSource: Similarity,
  size: number | { readonly width: number; readonly height: number },
  normalisation: PixelNormalisation,
  target: Float32Array,
  offset = 0,
): void {
  const level = pyramid.levelFor(Math.hypot(toSource.a, toSource.b));
  const source = pyramid.level(level);
  const [columns, rows] = typeof size === 'number' ? [size, size] : [size.width, size.height];
  const reduction = 1 / 2 ** level;
  const { mean, factor, order = 'rgb' } = normalisation;
  const plane = columns * rows;
  const planes: Planes = {
    target,
    columns,
    rows,
    red: order === 'rgb' ? offset : offset + 2 * plane,
    green: offset + plane,
    blue: order === 'rgb' ? offset + 2 * plane : offset,
    mean,
    factor: typeof factor === 'number' ? [factor, factor, factor] : factor,
  };
  if (toSource.b === 0) scaleToPlanes(source, toSource, reduction, planes);
  else turnToPlanes(source, toSource, reduction, planes);
}

/** Where the values of a warp go and how they are written. */
interface Planes {
  readonly target: Float32Array;
  readonly columns: number;
  readonly rows: number;
  /** Where the planes begin. */
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  readonly mean: readonly [number, number, number];
  readonly factor: readonly [number, number, number];
}

/** Positions along one side of a picture between which is interpolated, with their weights; 0 outside the picture. */
interface Axis {
  readonly before: Int32Array;
  readonly after: Int32Array;
  readonly weightBefore: Float64Array;
  readonly weightAfter: Float64Array;
}

function axisOf(count: number, scale: number, shift: number, reduction: number, length: number, unit: number): Axis {
  const axis = {
    before: new Int32Array(count),
    after: new Int32Array(count),
    weightBefore: new Float64Array(count),
    weightAfter: new Float64Array(count),
  };
  for (let i = 0; i < count; i++) {
    const at = (scale * (i + 0.5) + shift) * reduction - 0.5;
    const first = Math.floor(at);
    const share = at - first;
    // A neighbour outside the picture counts as black: its weight is 0, and any pixel is read in its place.
    if (first >= 0 && first < length) {
      axis.before[i] = first * unit;
      axis.weightBefore[i] = 1 - share;
    }
    if (first + 1 >= 0 && first + 1 < length) {
      axis.after[i] = (first + 1) * unit;
      axis.weightAfter[i] = share;
    }
  }
  return axis;
}

/** The warp without a turn: every column and every row is looked up once. */
function scaleToPlanes(source: RgbImage, { a, tx, ty }: Similarity, reduction: number, planes: Planes): void {
  const { target, columns, rows, red, green, blue } = planes;
  const [meanR, meanG, meanB] = planes.mean;
  const [factorR, factorG, factorB] = planes.factor;
  const { data, width, height } = source;
  const across = axisOf(columns, a, tx, reduction, width, 3);
  const down = axisOf(rows, a, ty, reduction, height, width * 3);
  let at = 0;
  for (let y = 0; y < rows; y++) {
    const top = down.before[y] as number;
    const bottom = down.after[y] as number;
    const weightTop = down.weightBefore[y] as number;
    const weightBottom = down.weightAfter[y] as number;
    for (let x = 0; x < columns; x++, at++) {
      const left = across.before[x] as number;
      const right = across.after[x] as number;
      const weightLeft = across.weightBefore[x] as number;
      const weightRight = across.weightAfter[x] as number;
      const w00 = weightLeft * weightTop;
      const w10 = weightRight * weightTop;
      const w01 = weightLeft * weightBottom;
      const w11 = weightRight * weightBottom;
      const topLeft = top + left;
      const topRight = top + right;
      const bottomLeft = bottom + left;
      const bottomRight = bottom + right;
      const r = mix(data, topLeft, topRight, bottomLeft, bottomRight, w00, w10, w01, w11);
      const g = mix(data, topLeft + 1, topRight + 1, bottomLeft + 1, bottomRight + 1, w00, w10, w01, w11);
      const b = mix(data, topLeft + 2, topRight + 2, bottomLeft + 2, bottomRight + 2, w00, w10, w01, w11);
      target[red + at] = (r - meanR) * factorR;
      target[green + at] = (g - meanG) * factorG;
      target[blue + at] = (b - meanB) * factorB;
    }
  }
}

/** The warp with a turn. */
function turnToPlanes(source: RgbImage, toSource: Similarity, reduction: number, planes: Planes): void {
  const { target, columns, rows, red, green, blue } = planes;
  const { width, height, data } = source;
  const stepX = toSource.a * reduction;
  const stepY = toSource.b * reduction;
  const [meanR, meanG, meanB] = planes.mean;
  const [factorR, factorG, factorB] = planes.factor;
  const lastX = width - 1;
  const lastY = height - 1;
  const stride = width * 3;
  let at = 0;
  for (let y = 0; y < rows; y++) {
    const [startX, startY] = transformPoint(toSource, 0.5, y + 0.5);
    let u = startX * reduction - 0.5;
    let v = startY * reduction - 0.5;
    for (let x = 0; x < columns; x++, at++, u += stepX, v += stepY) {
      if (u < -1 || v < -1 || u >= width || v >= height) {
        target[red + at] = (0 - meanR) * factorR;
        target[green + at] = (0 - meanG) * factorG;
        target[blue + at] = (0 - meanB) * factorB;
        continue;
      }
      // Whole numbers from here on: rounding down to one as a double costs twice as much.
      const left = ((u + 1) | 0) - 1;
      const top = ((v + 1) | 0) - 1;
      const fx = u - left;
      const fy = v - top;
      let topLeft = top * stride + left * 3;
      let topRight = topLeft + 3;
      let bottomLeft = topLeft + stride;
      let bottomRight = bottomLeft + 3;
      let insideLeft = 1 - fx;
      let insideRight = fx;
      let insideTop = 1 - fy;
      let insideBottom = fy;
      if (left < 0 || top < 0 || left === lastX || top === lastY) {
        // Neighbours outside the picture count as black: their weight is dropped, and a pixel inside is read in their place.
        if (left < 0) insideLeft = 0;
        if (left === lastX) insideRight = 0;
        if (top < 0) insideTop = 0;
        if (top === lastY) insideBottom = 0;
        const columnLeft = (left < 0 ? 0 : left) * 3;
        const columnRight = (left === lastX ? left : left + 1) * 3;
        const rowTop = (top < 0 ? 0 : top) * stride;
        const rowBottom = (top === lastY ? top : top + 1) * stride;
        topLeft = rowTop + columnLeft;
        topRight = rowTop + columnRight;
        bottomLeft = rowBottom + columnLeft;
        bottomRight = rowBottom + columnRight;
      }
      const w00 = insideLeft * insideTop;
      const w10 = insideRight * insideTop;
      const w01 = insideLeft * insideBottom;
      const w11 = insideRight * insideBottom;
      const r = mix(data, topLeft, topRight, bottomLeft, bottomRight, w00, w10, w01, w11);
      const g = mix(data, topLeft + 1, topRight + 1, bottomLeft + 1, bottomRight + 1, w00, w10, w01, w11);
      const b = mix(data, topLeft + 2, topRight + 2, bottomLeft + 2, bottomRight + 2, w00, w10, w01, w11);
      target[red + at] = (r - meanR) * factorR;
      target[green + at] = (g - meanG) * factorG;
      target[blue + at] = (b - meanB) * factorB;
    }
  }
}

/** Weighted sum of four bytes, at a, b, c and d. */
function mix(
  data: Uint8Array,
  a: number,
  b: number,
  c: number,
  d: number,
  weightA: number,
  weightB: number,
  weightC: number,
  weightD: number,
): number {
  return (
    weightA * (data[a] as number) +
    weightB * (data[b] as number) +
    weightC * (data[c] as number) +
    weightD * (data[d] as number)
  );
}

/** Mirrors three planes left to right, from one place of an array to another. */
export function mirrorPlanes(planes: Float32Array, from: number, to: number, side: number): void {
  for (let row = 0; row < 3 * side; row++) {
    const start = from + row * side;
    const end = to + row * side + side - 1;
    for (let x = 0; x < side; x++) planes[end - x] = planes[start + x] as number;
  }
}
