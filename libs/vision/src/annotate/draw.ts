import type { Box, RgbImage } from '@latchkey/domain';

/** Red, green, blue, 0 … 255. */
export type Rgb = readonly [number, number, number];

/** How much of a colour each pixel gets, 0 … 255, row by row. */
export interface Mask {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Fills the part of a rectangle that lies in the picture. `box` is of whole pixels. */
export function fillRectangle({ width, height, data }: RgbImage, box: Box, [r, g, b]: Rgb): void {
  const [left, right] = [Math.max(0, box.x), Math.min(width, box.x + box.width)];
  const [top, bottom] = [Math.max(0, box.y), Math.min(height, box.y + box.height)];
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const at = (y * width + x) * 3;
      data[at] = r;
      data[at + 1] = g;
      data[at + 2] = b;
    }
  }
}

/** Draws the edge of a rectangle inwards, `thickness` pixels wide; a side that lies outside the picture is drawn at its edge. */
export function strokeRectangle(image: RgbImage, box: Box, thickness: number, colour: Rgb): void {
  const left = Math.max(0, box.x);
  const top = Math.max(0, box.y);
  const width = Math.min(image.width, box.x + box.width) - left;
  const height = Math.min(image.height, box.y + box.height) - top;
  if (width <= 0 || height <= 0) return;
  const across = Math.min(thickness, width);
  const down = Math.min(thickness, height);
  fillRectangle(image, { x: left, y: top, width, height: down }, colour);
  fillRectangle(image, { x: left, y: top + height - down, width, height: down }, colour);
  fillRectangle(image, { x: left, y: top, width: across, height }, colour);
  fillRectangle(image, { x: left + width - across, y: top, width: across, height }, colour);
}

/** Lays a colour on the picture through a mask whose upper left corner is at x, y (whole pixels). */
export function tint({ width, height, data }: RgbImage, mask: Mask, x: number, y: number, colour: Rgb): void {
  for (let row = Math.max(0, -y); row < Math.min(mask.height, height - y); row++) {
    for (let column = Math.max(0, -x); column < Math.min(mask.width, width - x); column++) {
      const share = (mask.data[row * mask.width + column] as number) / 255;
      const at = ((y + row) * width + x + column) * 3;
      for (const [channel, value] of colour.entries()) {
        const ground = data[at + channel] as number;
        data[at + channel] = Math.round(ground + (value - ground) * share);
      }
    }
  }
}
