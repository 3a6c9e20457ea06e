import type { RgbImage } from '@latchkey/domain';

/** OpenCV's fixed point for 8-bit pictures: 11 bits a weight (`INTER_RESIZE_COEF_BITS`, imgproc/src/resize.cpp). */
const WEIGHT_BITS = 11;

/**
 * The picture at another size, byte for byte as OpenCV's `cv2.resize(picture, (width, height))` makes it: bilinear between the
 * two nearest pixels of each axis, whatever the reduction (nothing is averaged), aspect not kept.
 * @param width of the result, ≥ 1; `height` likewise.
 */
export function resizeAsOpenCv(image: RgbImage, width: number, height: number): RgbImage {
  const columns = tapsOf(image.width, width);
  const rows = tapsOf(image.height, height);
  const { data: source } = image;
  const stride = image.width * 3;
  const lastX = image.width - 1;
  const lastY = image.height - 1;
  const data = new Uint8Array(width * height * 3);
  let at = 0;
  for (const row of rows) {
    const top = clamp(row.first, lastY) * stride;
    const bottom = clamp(row.first + 1, lastY) * stride;
    for (const column of columns) {
      // Beyond the edge OpenCV gives the whole weight to the outermost column, yet keeps the weights of rows.
      const inside = column.first >= 0 && column.first < lastX;
      const left = clamp(column.first, lastX) * 3;
      const right = inside ? left + 3 : left;
      const weightLeft = inside ? column.weight : 1 << WEIGHT_BITS;
      const weightRight = inside ? column.nextWeight : 0;
      for (let channel = 0; channel < 3; channel++, at++) {
        const above = weighted(source, top + left + channel, weightLeft, top + right + channel, weightRight);
        const below = weighted(source, bottom + left + channel, weightLeft, bottom + right + channel, weightRight);
        data[at] = (((row.weight * (above >> 4)) >> 16) + ((row.nextWeight * (below >> 4)) >> 16) + 2) >> 2;
      }
    }
  }
  return { width, height, data };
}

/** Of one column or row: the first of its two source pixels (−1: before the edge), and both weights in fixed point. */
interface Taps {
  readonly first: number;
  readonly weight: number;
  readonly nextWeight: number;
}

function tapsOf(from: number, to: number): readonly Taps[] {
  const scale = from / to;
  return Array.from({ length: to }, (_, i) => {
    const place = Math.fround((i + 0.5) * scale - 0.5);
    const first = Math.floor(place);
    const share = Math.fround(place - first);
    return { first, weight: fixed(Math.fround(1 - share)), nextWeight: fixed(share) };
  });
}

/** Rounded to even at a half, as OpenCV's `saturate_cast` does. */
function fixed(share: number): number {
  const exact = share * (1 << WEIGHT_BITS);
  const below = Math.floor(exact);
  return exact - below === 0.5 ? below + (below % 2) : Math.round(exact);
}

function weighted(source: Uint8Array, first: number, weight: number, next: number, nextWeight: number): number {
  return (source[first] as number) * weight + (source[next] as number) * nextWeight;
}

function clamp(place: number, last: number): number {
  return Math.min(Math.max(place, 0), last);
}
