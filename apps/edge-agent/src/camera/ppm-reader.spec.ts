import { describe, expect, it } from '@jest/globals';
import type { RgbImage } from '@latchkey/domain';
import fc from 'fast-check';
import { PpmReader } from './ppm-reader.ts';

const ppm = ({ width, height, data }: RgbImage, comment = '') =>
  Buffer.concat([Buffer.from(`P6\n${comment}${width} ${height}\n255\n`), data]);

/** Reads a stream in pieces; the memory of every picture is offered again, as a camera does with those that nobody took. */
function read(stream: Uint8Array, cuts: readonly number[], reuse = false): RgbImage[] {
  const images: RgbImage[] = [];
  const reader = new PpmReader({
    onStart: () => undefined,
    onImage: (image) => {
      images.push(reuse ? { ...image, data: image.data.slice() } : image);
      return reuse ? image.data : null;
    },
  });
  let from = 0;
  for (const cut of [...cuts, stream.length].sort((a, b) => a - b)) {
    const to = Math.max(from, Math.min(cut, stream.length));
    reader.push(stream.subarray(from, to));
    from = to;
  }
  return images;
}

const anImage = fc
  .record({ width: fc.integer({ min: 1, max: 9 }), height: fc.integer({ min: 1, max: 9 }) })
  .chain(({ width, height }) =>
    fc
      .uint8Array({ minLength: width * height * 3, maxLength: width * height * 3 })
      .map((data) => ({ width, height, data })),
  );

describe('pictures in a stream', () => {
  it('come out as they were put in, however the stream is cut, also when the size changes and memory is used again', () => {
    fc.assert(
      fc.property(fc.array(anImage, { maxLength: 5 }), fc.array(fc.nat(2000)), fc.boolean(), (images, cuts, reuse) => {
        expect(read(Buffer.concat(images.map((image) => ppm(image))), cuts, reuse)).toEqual(images);
      }),
    );
  });

  it('may have a comment before their size', () => {
    const image = { width: 1, height: 1, data: Uint8Array.of(1, 2, 3) };
    expect(read(ppm(image, '# made by somebody\n'), [5])).toEqual([image]);
  });

  it.each([
    ['noise', Buffer.alloc(1000, 0x9c)],
    ['a line of text', Buffer.from('WARNING: no camera\n')],
    ['another format', Buffer.from('P5\n2 2\n255\nabcd')],
    ['a size that nobody asked for', Buffer.from('P6\n99999 99999\n255\n')],
    ['no size at all', Buffer.from('P6\n0 5\n255\n')],
    ['a header without an end', Buffer.from(`P6\n#${'x'.repeat(400)}`)],
  ])('are refused when they are %s', (_, stream) => {
    expect(() => read(stream, [])).toThrow(expect.objectContaining({ code: 'camera-unavailable' }));
  });
});
