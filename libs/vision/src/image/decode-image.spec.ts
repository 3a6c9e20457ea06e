import { describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { decodeImage, MAX_BYTES } from './decode-image.ts';

/** 4 × 2 pixels: red, green, blue, white over black ones. */
const pixels = Buffer.from([255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, ...new Array<number>(12).fill(0)]);
const small = () => sharp(pixels, { raw: { width: 4, height: 2, channels: 3 } });
const large = () =>
  sharp({
    create: {
      width: 640,
      height: 480,
      channels: 3,
      background: '#888',
      noise: { type: 'gaussian', mean: 128, sigma: 40 },
    },
  });

/** The start of a PNG that claims a size and has no picture data. */
function pngHeader(width: number, height: number): Uint8Array {
  const bytes = Buffer.alloc(45);
  Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]).copy(bytes);
  bytes.writeUInt32BE(13, 8);
  bytes.write('IHDR', 12);
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  bytes.set([8, 2, 0, 0, 0], 24);
  bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);
  bytes.write('IDAT', 37);
  bytes.writeUInt32BE(crc32(bytes.subarray(37, 41)), 41);
  return bytes;
}

function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

describe('decodeImage', () => {
  it.each([
    ['PNG', () => small().png()],
    ['lossless WebP', () => small().webp({ lossless: true })],
    ['TIFF', () => small().tiff({ compression: 'lzw' })],
    ['GIF', () => small().gif()],
  ])('decodes %s to upright RGB', async (_, make) => {
    const image = await decodeImage(await make().toBuffer());
    expect([image.width, image.height]).toEqual([4, 2]);
    expect([...image.data]).toEqual([...pixels]);
  });

  it.each(['webp', 'avif'] as const)('decodes %s', async (format) => {
    const image = await decodeImage(await large().toFormat(format, { effort: 1 }).toBuffer());
    expect([image.width, image.height, image.data.length]).toEqual([640, 480, 640 * 480 * 3]);
  });

  it('turns the picture as its EXIF orientation says', async () => {
    // 6: the camera was held a quarter turn to the left.
    const image = await decodeImage(
      await small().withMetadata({ orientation: 6 }).tiff({ compression: 'lzw' }).toBuffer(),
    );
    expect([image.width, image.height]).toEqual([2, 4]);
    expect([...image.data.subarray(0, 6)]).toEqual([0, 0, 0, 255, 0, 0]);
  });

  it('lays transparency on white', async () => {
    const rgba = sharp(Buffer.from([255, 0, 0, 0, 255, 0, 0, 255]), { raw: { width: 2, height: 1, channels: 4 } });
    expect([...(await decodeImage(await rgba.png().toBuffer())).data]).toEqual([255, 255, 255, 255, 0, 0]);
  });

  it.each([
    ['8-bit grey', () => small().toColourspace('b-w').png()],
    ['16-bit grey', () => small().toColourspace('grey16').png()],
    ['grey with alpha', () => small().toColourspace('b-w').ensureAlpha().png()],
    ['16-bit colour', () => small().toColourspace('rgb16').png()],
  ])('widens or narrows %s to three bytes a pixel', async (_, make) => {
    const { data } = await decodeImage(await make().toBuffer());
    expect(data.length).toBe(24);
    expect([...data.subarray(9, 12)]).toEqual([255, 255, 255]);
    expect([...data.subarray(12, 15)]).toEqual([0, 0, 0]);
  });

  it('converts CMYK, where white is no ink', async () => {
    const white = sharp({ create: { width: 16, height: 16, channels: 3, background: '#fff' } });
    const { data } = await decodeImage(await white.toColourspace('cmyk').jpeg().toBuffer());
    expect(data.length).toBe(16 * 16 * 3);
    expect(Math.min(...data)).toBeGreaterThan(245);
  });

  it('takes the first frame of an animation', async () => {
    const frames = Buffer.concat([Buffer.alloc(12, 255), Buffer.alloc(12, 0)]);
    const gif = sharp(frames, { raw: { width: 2, height: 4, channels: 3, pageHeight: 2 } }).gif({ delay: [50, 50] });
    const image = await decodeImage(await gif.toBuffer());
    expect([image.width, image.height, image.data[0]]).toEqual([2, 2, 255]);
  });

  it('takes the first frame of an animated WebP without looking for the others', async () => {
    const frames = Buffer.concat([Buffer.alloc(16 * 16 * 3, 200), Buffer.alloc(16 * 16 * 3, 10)]);
    const animation = sharp(frames, { raw: { width: 16, height: 32, channels: 3, pageHeight: 16 } });
    const webp = await animation.webp({ lossless: true, delay: [50, 50] }).toBuffer();
    const image = await decodeImage(webp);
    expect([image.width, image.height, image.data[0]]).toEqual([16, 16, 200]);
    await expect(decodeImage(webp.subarray(0, -20))).rejects.toMatchObject({ code: 'image-truncated' });
  });

  it('knows an AVIF whose first brand is that of any picture', async () => {
    const avif = await large().avif({ effort: 0 }).toBuffer();
    avif.write('mif1', 8);
    expect((await decodeImage(avif)).width).toBe(640);
  });

  it('says which format it is that it does not decode', async () => {
    const heic = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic');
    await expect(decodeImage(heic)).rejects.toThrow(/The file is HEIC, which is not decoded; save the picture as JPEG/);
  });

  it('refuses a picture that takes too much memory at its size, and decodes it scaled down', async () => {
    const create = { width: 8_000, height: 5_000, channels: 3, background: '#777' } as const;
    const webp = await sharp({ create }).webp({ lossless: true, effort: 0 }).toBuffer();
    await expect(decodeImage(webp)).rejects.toMatchObject({ code: 'image-too-large' });
    expect((await decodeImage(webp, { maxSidePx: 800 })).height).toBe(500);
  });

  it('scales down on request and never up', async () => {
    const jpeg = await large().jpeg().toBuffer();
    const half = await decodeImage(jpeg, { maxSidePx: 320 });
    expect([half.width, half.height]).toEqual([320, 240]);
    expect((await decodeImage(jpeg, { maxSidePx: 5000 })).width).toBe(640);
  });

  it.each<[string, () => Promise<Uint8Array> | Uint8Array]>([
    ['no bytes', () => new Uint8Array(0)],
    ['text', () => Buffer.from('hello, this is no picture')],
    ['an SVG', () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')],
    ['an SVG behind an XML head', () => Buffer.from('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>')],
    ['a PDF', () => Buffer.from('%PDF-1.7\n')],
    ['a WAV, which is RIFF too', () => Buffer.from('RIFF\0\0\0\0WAVEfmt ')],
  ])('refuses %s as not-an-image', async (_, make) => {
    await expect(decodeImage(await make())).rejects.toMatchObject({ code: 'not-an-image' });
  });

  it.each<[string, () => Promise<Uint8Array>]>([
    ['a JPEG', () => large().jpeg().toBuffer()],
    ['a progressive JPEG', () => large().jpeg({ progressive: true }).toBuffer()],
    ['a PNG', () => large().png().toBuffer()],
    ['a WebP', () => large().webp().toBuffer()],
    ['a TIFF', () => large().tiff().toBuffer()],
    ['a GIF', () => large().gif().toBuffer()],
    ['an AVIF', () => large().avif({ effort: 0 }).toBuffer()],
  ])('refuses %s that ends too early as image-truncated', async (_, make) => {
    const bytes = await make();
    for (const share of [0.02, 0.3, 0.7]) {
      const cut = bytes.subarray(0, Math.max(32, Math.floor(bytes.length * share)));
      await expect(decodeImage(cut)).rejects.toMatchObject({ code: 'image-truncated' });
    }
  });

  it('refuses a picture of more than 50 megapixels by its header alone', async () => {
    await expect(decodeImage(pngHeader(60_000, 60_000))).rejects.toMatchObject({ code: 'image-too-large' });
    await expect(decodeImage(pngHeader(10_001, 5_000))).rejects.toMatchObject({ code: 'image-too-large' });
    await expect(decodeImage(pngHeader(10_000, 5_000))).rejects.toMatchObject({ code: 'image-truncated' });
  });

  it('refuses a file of more than 25 MB unseen', async () => {
    await expect(decodeImage(new Uint8Array(MAX_BYTES + 1))).rejects.toMatchObject({ code: 'image-too-large' });
  });
});
