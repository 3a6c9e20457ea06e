import { describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { cropJpeg } from './crop-jpeg.ts';

/** Noise, which JPEG compresses worst. */
const noise = (width: number, height: number) => ({
  width,
  height,
  data: new Uint8Array(width * height * 3).map((_, i) => (Math.imul(i + 1, 2654435761) >>> 13) & 255),
});

describe('cropJpeg', () => {
  it('keeps to 12 KB and 192 pixels whatever the picture', async () => {
    const jpeg = await cropJpeg(noise(800, 600), { x: 100, y: 100, width: 400, height: 400 });
    const { format, width, height } = await sharp(jpeg).metadata();
    expect(format).toBe('jpeg');
    expect(jpeg.byteLength).toBeLessThanOrEqual(12 * 1024);
    expect(Math.max(width, height)).toBeLessThanOrEqual(192);
  });

  it('shrinks the picture when lower quality is not enough', async () => {
    const jpeg = await cropJpeg(noise(400, 400), { x: 0, y: 0, width: 400, height: 400 }, { maxBytes: 2000 });
    expect(jpeg.byteLength).toBeLessThanOrEqual(2000);
  });

  it('leaves a margin around the face and stays inside the picture', async () => {
    const image = noise(200, 100);
    const shape = async (x: number, y: number, size: number) => {
      const { width, height } = await sharp(
        await cropJpeg(image, { x, y, width: size, height: size }, { margin: 0.5 }),
      ).metadata();
      return [width, height];
    };
    expect(await shape(80, 30, 40)).toEqual([80, 80]);
    expect(await shape(-10, -10, 40)).toEqual([50, 50]);
    expect(await shape(300, 300, 40)).toEqual([1, 1]);
  });
});
