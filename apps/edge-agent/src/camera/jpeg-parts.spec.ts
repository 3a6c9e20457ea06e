import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { JpegParts } from './jpeg-parts.ts';

/** Bytes with a JPEG's first and last marks, told apart by what is between. */
const jpeg = (id: number, length = 30) =>
  Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(length, id), Buffer.from([0xff, 0xd9])]);

const part = (body: Uint8Array, withLength: boolean) =>
  Buffer.concat([
    Buffer.from(`--frame\r\nContent-Type: image/jpeg\r\n${withLength ? `Content-Length: ${body.length}\r\n` : ''}\r\n`),
    body,
    Buffer.from('\r\n'),
  ]);

function read(stream: Buffer, size: number): Buffer[] {
  const pictures: Buffer[] = [];
  const parts = new JpegParts((picture) => pictures.push(Buffer.from(picture)));
  for (let at = 0; at < stream.length; at += size) parts.push(stream.subarray(at, at + size));
  return pictures;
}

describe('an MJPEG stream', () => {
  it('gives its pictures, with and without stated lengths, however it is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 6 }), fc.integer({ min: 1, max: 90 }), (lengths, size) => {
        const pictures = lengths.map((_, i) => jpeg(i));
        const stream = Buffer.concat(pictures.map((picture, i) => part(picture, lengths[i] ?? true)));
        expect(read(stream, size)).toEqual(pictures);
      }),
    );
  });

  it('may hold a small picture within a picture when lengths are stated', () => {
    const outer = Buffer.concat([jpeg(1).subarray(0, 20), jpeg(2), jpeg(1).subarray(20)]);
    expect(read(part(outer, true), 7)).toEqual([outer]);
  });

  it.each([
    ['text without pictures', Buffer.from('<html>'.repeat(2000))],
    ['a picture without an end', Buffer.concat([jpeg(1).subarray(0, 10), Buffer.alloc(9 * 1024 * 1024)])],
  ])('is refused when it is %s', (_, stream) => {
    expect(() => read(stream, 65_536)).toThrow(expect.objectContaining({ code: 'camera-unavailable' }));
  });
});
