import type { CameraFlip } from '@latchkey/config';
import type { RgbImage } from '@latchkey/domain';

/** The picture turned or mirrored; the same one for `none`. */
export function flipImage(image: RgbImage, flip: CameraFlip): RgbImage {
  if (flip === 'none') return image;
  const { width, height, data } = image;
  const turned = flip === 'rotate-90' || flip === 'rotate-270';
  const out = new Uint8Array(data.length);
  let to = 0;
  for (let row = 0; row < (turned ? width : height); row++) {
    for (let column = 0; column < (turned ? height : width); column++) {
      const [x, y] = sourceOf(flip, column, row, width, height);
      const from = (y * width + x) * 3;
      out[to++] = data[from] ?? 0;
      out[to++] = data[from + 1] ?? 0;
      out[to++] = data[from + 2] ?? 0;
    }
  }
  return turned ? { width: height, height: width, data: out } : { width, height, data: out };
}

/** Which pixel of the picture comes to stand in this column and row. */
function sourceOf(flip: CameraFlip, column: number, row: number, width: number, height: number): [number, number] {
  switch (flip) {
    case 'rotate-90':
      return [row, height - 1 - column];
    case 'rotate-180':
      return [width - 1 - column, height - 1 - row];
    case 'rotate-270':
      return [width - 1 - row, column];
    case 'mirror':
      return [width - 1 - column, row];
    case 'upside-down':
      return [column, height - 1 - row];
    default:
      return [column, row];
  }
}
