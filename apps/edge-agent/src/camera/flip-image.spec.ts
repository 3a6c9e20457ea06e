import { describe, expect, it } from '@jest/globals';
import { flipImage } from './flip-image.ts';

/** Three columns and two rows, each pixel a letter. */
const image = { width: 3, height: 2, data: Uint8Array.from(Buffer.from('aaabbbcccdddeeefff')) };

describe('a picture', () => {
  it.each([
    ['none', 'abc/def'],
    ['mirror', 'cba/fed'],
    ['upside-down', 'def/abc'],
    ['rotate-90', 'da/eb/fc'],
    ['rotate-180', 'fed/cba'],
    ['rotate-270', 'cf/be/ad'],
  ] as const)('turned by %s is %s', (flip, expected) => {
    const { width, height, data } = flipImage(image, flip);
    const rows = Array.from({ length: height }, (_, y) =>
      Array.from({ length: width }, (_, x) => String.fromCharCode(data[(y * width + x) * 3] ?? 0)).join(''),
    );
    expect(rows.join('/')).toBe(expected);
  });
});
