import { describe, expect, it } from '@jest/globals';
import type { RgbImage } from '@latchkey/domain';
import { fillRectangle, strokeRectangle, tint } from './draw.ts';

const black = (width: number, height: number): RgbImage => ({
  width,
  height,
  data: new Uint8Array(width * height * 3),
});
/** The picture as rows of its red channel: `#` full, `+` some, `.` none. */
const seen = ({ width, height, data }: RgbImage): string[] =>
  Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => {
      const red = data[(y * width + x) * 3] ?? 0;
      return red === 255 ? '#' : red > 0 ? '+' : '.';
    }).join(''),
  );
const red = [255, 0, 0] as const;

describe('drawing', () => {
  it('fills what of a rectangle lies in the picture', () => {
    const picture = black(4, 3);
    fillRectangle(picture, { x: 2, y: -1, width: 5, height: 3 }, red);
    expect(seen(picture)).toEqual(['..##', '..##', '....']);
  });

  it('strokes the edge of a rectangle, at the picture’s edge where a side lies outside', () => {
    const picture = black(6, 5);
    strokeRectangle(picture, { x: -3, y: 1, width: 8, height: 9 }, 1, red);
    expect(seen(picture)).toEqual(['......', '#####.', '#...#.', '#...#.', '#####.']);
  });

  it('draws nothing of a box that lies outside', () => {
    const picture = black(2, 2);
    strokeRectangle(picture, { x: 10, y: 10, width: 5, height: 5 }, 1, red);
    expect(seen(picture)).toEqual(['..', '..']);
  });

  it('lays a colour through a mask, also one that reaches over the edges', () => {
    const picture = black(3, 2);
    tint(picture, { width: 3, height: 2, data: Uint8Array.of(255, 128, 0, 9, 255, 128) }, -1, 1, red);
    expect(seen(picture)).toEqual(['...', '+..']);
  });
});
