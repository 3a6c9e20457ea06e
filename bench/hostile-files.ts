import { randomFillSync } from 'node:crypto';
import { deflateSync, gzipSync } from 'node:zlib';
import sharp from 'sharp';
import {
  animatedWebp,
  gif,
  gifComment,
  gifFrame,
  jpegSegment,
  png,
  pngChunk,
  progressiveJpeg,
  tiff,
  tiffPicture,
  withSegments,
} from './file-makers.ts';

/** A file that wants to do harm, or that looks so, and what must become of it. */
export interface HostileFile {
  readonly name: string;
  make(): Promise<Uint8Array> | Uint8Array;
  /** The code of the error, or `picture`. */
  readonly outcome: 'picture' | 'not-an-image' | 'image-truncated' | 'image-too-large';
  /** It is a picture where it is scaled down while it is decoded: then there is memory enough. */
  readonly pictureWhenScaled?: true;
}

const gigabyte = (): Buffer => Buffer.alloc(1 << 30);
let deflated: Buffer | null = null;
/** What fills 1 GB after a megabyte of deflate. */
function bomb(): Buffer {
  deflated ??= deflateSync(gigabyte(), { level: 9 });
  return deflated;
}
const plain = (width: number, height: number) => sharp({ create: { width, height, channels: 3, background: '#777' } });
const jpeg = (): Promise<Buffer> => plain(64, 64).jpeg().toBuffer();
const still = (): Promise<Buffer> => plain(16, 16).webp({ lossless: true }).toBuffer();
const strip = (height: number, data: Uint8Array) =>
  [
    [273, 4, 'data'],
    [278, 4, height],
    [279, 4, data.length],
  ] as const;

/** An SVG that runs a script and asks `address` for a picture, a style sheet and an entity. */
export function svg(address: string): Buffer {
  return Buffer.from(`<?xml version="1.0"?>
<?xml-stylesheet href="${address}/style.css"?>
<!DOCTYPE svg [<!ENTITY outside SYSTEM "${address}/entity">]>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="99" height="99">
<script>fetch("${address}/script")</script>
<image width="9" height="9" href="${address}/picture.png"/><image width="9" height="9" xlink:href="${address}/old.png"/>
<use href="${address}/use.svg#a"/><text>&outside;</text></svg>`);
}

/** Files that try to have an SVG drawn. @param address that they refer to. */
export function svgFiles(address: string): readonly HostileFile[] {
  const drawn = svg(address);
  const text = drawn.toString().replace(/<\?[^>]*>|<!DOCTYPE.*\n/g, '');
  return [
    { name: 'SVG with a script and references', outcome: 'not-an-image', make: () => drawn },
    { name: 'SVG behind spaces', outcome: 'not-an-image', make: () => Buffer.from(`\n\n   ${text}`) },
    { name: 'SVG in UTF-16', outcome: 'not-an-image', make: () => Buffer.from(`\ufeff${text}`, 'utf16le') },
    { name: 'SVG, compressed', outcome: 'not-an-image', make: () => gzipSync(drawn) },
    { name: 'SVG that begins as a GIF', outcome: 'image-truncated', make: () => Buffer.from(`GIF89a ${text}`) },
    {
      name: 'SVG that begins as a TIFF',
      outcome: 'image-truncated',
      make: () => Buffer.concat([Buffer.from('II*\0'), Buffer.from(' '.repeat(30)), Buffer.from(text)]),
    },
    {
      name: 'SVG in a comment of a GIF',
      outcome: 'picture',
      make: () => gif(8, 8, [gifComment(text.slice(0, 200)), gifFrame()]),
    },
  ];
}

/** The others. */
export const hostileFiles: readonly HostileFile[] = [
  {
    name: 'PNG of 30,000 × 30,000',
    outcome: 'image-too-large',
    make: () => png(30_000, 30_000, { depth: 1, colour: 0 }),
  },
  { name: 'PNG of 50 megapixels', outcome: 'picture', make: () => png(10_000, 5_000) },
  {
    name: 'PNG of 50 megapixels, 16 bits, interlaced',
    outcome: 'image-too-large',
    make: () => png(10_000, 5_000, { depth: 16, colour: 6, interlaced: true }),
  },
  {
    name: 'PNG with a text of 1 GB',
    outcome: 'picture',
    make: () => png(8, 8, { extra: [pngChunk('zTXt', Buffer.concat([Buffer.from('k\0\0'), bomb()]))] }),
  },
  {
    name: 'PNG with a colour profile of 1 GB',
    outcome: 'picture',
    make: () => png(8, 8, { extra: [pngChunk('iCCP', Buffer.concat([Buffer.from('k\0\0'), bomb()]))] }),
  },
  {
    name: 'PNG with 1 GB of pixels too many',
    outcome: 'picture',
    make: () => png(8, 8, { deflated: bomb() }),
  },
  {
    name: 'PNG with 100,000 texts',
    outcome: 'picture',
    make: () =>
      png(8, 8, { extra: Array.from({ length: 100_000 }, (_, i) => pngChunk('tEXt', Buffer.from(`a${i}\0b`))) }),
  },
  {
    name: 'PNG with a wrong checksum',
    outcome: 'image-truncated',
    make: () => {
      const file = png(64, 64);
      file.writeUInt8(file.readUInt8(file.length - 20) ^ 255, file.length - 20);
      return file;
    },
  },
  { name: 'PNG without width', outcome: 'image-truncated', make: () => png(0, 10) },
  { name: 'JPEG of 20,000 passes', outcome: 'image-too-large', make: () => progressiveJpeg(1_000, 1_000, 20_000) },
  {
    name: 'JPEG of 50 megapixels in 2,000 passes',
    outcome: 'image-too-large',
    make: () => progressiveJpeg(10_000, 5_000, 2_000),
  },
  {
    name: 'JPEG of 50 megapixels in 90 passes',
    outcome: 'image-too-large',
    make: () => progressiveJpeg(10_000, 5_000, 90),
  },
  { name: 'JPEG of 50 megapixels in 30 passes', outcome: 'picture', make: () => progressiveJpeg(10_000, 5_000, 30) },
  { name: 'JPEG of 15 megapixels in 90 passes', outcome: 'picture', make: () => progressiveJpeg(5_000, 3_000, 90) },
  { name: 'JPEG of 50 megapixels', outcome: 'picture', make: () => plain(10_000, 5_000).jpeg().toBuffer() },
  {
    name: 'JPEG of 50 megapixels, progressive, full colour',
    outcome: 'image-too-large',
    make: () => plain(10_000, 5_000).jpeg({ progressive: true, chromaSubsampling: '4:4:4' }).toBuffer(),
  },
  {
    name: 'JPEG with 20 MB of segments that mean nothing',
    outcome: 'picture',
    make: async () => withSegments(await jpeg(), new Array(320).fill(jpegSegment(0xe5, Buffer.alloc(65_533)))),
  },
  {
    name: 'JPEG with 18 MB of EXIF',
    outcome: 'picture',
    make: async () => {
      const exif = jpegSegment(0xe1, Buffer.concat([Buffer.from('Exif\0\0'), Buffer.alloc(60_000)]));
      return withSegments(await jpeg(), new Array(300).fill(exif));
    },
  },
  {
    name: 'JPEG with a colour profile of 16 MB that is none',
    outcome: 'picture',
    make: async () => {
      const part = (i: number) => Buffer.from([...Buffer.from('ICC_PROFILE\0'), i + 1, 255]);
      const parts = Array.from({ length: 255 }, (_, i) => Buffer.concat([part(i), Buffer.alloc(65_000)]));
      return withSegments(
        await jpeg(),
        parts.map((data) => jpegSegment(0xe2, data)),
      );
    },
  },
  {
    name: 'JPEG in CMYK with a broken colour profile',
    outcome: 'picture',
    make: async () => {
      const cmyk = await plain(64, 64).toColourspace('cmyk').jpeg().toBuffer();
      const profile = Buffer.concat([Buffer.from('ICC_PROFILE\0\x01\x01'), Buffer.alloc(500, 0x41)]);
      return withSegments(cmyk, [jpegSegment(0xe2, profile)]);
    },
  },
  {
    name: 'JPEG that EXIF turns by nonsense',
    outcome: 'picture',
    make: async () => {
      const exif = Buffer.from(
        '45786966 0000 4d4d002a00000008 0001 0112 0003 00000001 ffff0000 00000000'.replaceAll(' ', ''),
        'hex',
      );
      return withSegments(await jpeg(), [jpegSegment(0xe1, exif)]);
    },
  },
  {
    name: 'JPEG that is a ZIP too',
    outcome: 'picture',
    make: async () =>
      Buffer.concat([
        await jpeg(),
        Buffer.from('PK\x03\x04'),
        Buffer.alloc(500),
        Buffer.from('PK\x05\x06'),
        Buffer.alloc(18),
      ]),
  },
  {
    name: 'PDF with a JPEG behind its head',
    outcome: 'not-an-image',
    make: async () => Buffer.concat([Buffer.from('%PDF-1.7\n'), await jpeg()]),
  },
  // 2a2f: the width reads "/*".
  {
    name: 'GIF that is JavaScript too',
    outcome: 'picture',
    make: () => gif(0x2a2f, 8, [gifComment('*/=1;alert(1);/*'), gifFrame()]),
  },
  {
    name: 'GIF of 10,000 frames',
    outcome: 'picture',
    make: () => gif(640, 480, new Array<Buffer>(10_000).fill(gifFrame())),
  },
  {
    name: 'GIF with a frame of 65,535 × 65,535',
    outcome: 'image-too-large',
    make: () => gif(10, 10, [gifFrame(65_535, 65_535)]),
  },
  {
    name: 'GIF of 50 megapixels',
    outcome: 'image-too-large',
    pictureWhenScaled: true,
    make: () => plain(10_000, 5_000).gif({ effort: 1 }).toBuffer(),
  },
  { name: 'GIF without pixels', outcome: 'image-truncated', make: () => gif(0, 0, []) },
  {
    name: 'WebP of 10,000 frames',
    outcome: 'picture',
    make: async () => animatedWebp(await still(), 16, [640, 480], 10_000),
  },
  {
    name: 'WebP of 300,000 frames',
    outcome: 'picture',
    make: async () => animatedWebp(await still(), 16, [640, 480], 300_000),
  },
  {
    name: 'WebP with a canvas of 16,383 × 16,383',
    outcome: 'image-too-large',
    make: async () => animatedWebp(await still(), 16, [16_383, 16_383], 2),
  },
  {
    name: 'WebP of 50 megapixels in 38 bytes',
    outcome: 'image-too-large',
    pictureWhenScaled: true,
    make: () => plain(10_000, 5_000).webp({ lossless: true, effort: 0 }).toBuffer(),
  },
  {
    name: 'TIFF of 50 megapixels in one strip',
    outcome: 'picture',
    make: () => {
      const data = deflateSync(Buffer.alloc(150_000_000));
      return tiff([...tiffPicture(10_000, 5_000, 3), ...strip(5_000, data)], data);
    },
  },
  {
    name: 'TIFF with tiles of 1 GB',
    outcome: 'image-truncated',
    make: () => {
      const data = bomb();
      return tiff(
        [...tiffPicture(10_000, 5_000, 1), [322, 4, 32_768], [323, 4, 32_768], [324, 4, 'data'], [325, 4, data.length]],
        data,
      );
    },
  },
  {
    name: 'TIFF of 100 colours',
    outcome: 'image-truncated',
    make: () => {
      const data = deflateSync(Buffer.alloc(64 * 64 * 100));
      return tiff([...tiffPicture(64, 64, 100), ...strip(64, data)], data);
    },
  },
  {
    name: 'TIFF whose next page is its first',
    outcome: 'picture',
    make: () => {
      const data = deflateSync(Buffer.alloc(64));
      return tiff([...tiffPicture(8, 8, 1), ...strip(8, data)], data, 8);
    },
  },
  {
    name: 'AVIF of 20 megapixels',
    outcome: 'image-too-large',
    make: () => plain(5_000, 4_000).avif({ effort: 0 }).toBuffer(),
  },
  {
    name: 'AVIF that claims to be of 30,000 × 30,000',
    outcome: 'image-too-large',
    make: async () => {
      const file = await plain(64, 64).avif({ effort: 0 }).toBuffer();
      const size = file.indexOf('ispe') + 8;
      file.writeUInt32BE(30_000, size);
      file.writeUInt32BE(30_000, size + 4);
      return file;
    },
  },
  {
    name: 'HEIC',
    outcome: 'not-an-image',
    make: () => Buffer.concat([Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic'), Buffer.alloc(99)]),
  },
  { name: 'JPEG XL', outcome: 'not-an-image', make: () => Buffer.from('ff0a7f1f90000000000000000000', 'hex') },
  {
    name: 'JPEG XL in boxes',
    outcome: 'not-an-image',
    make: () => Buffer.from('\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14ftypjxl \0\0\0\0', 'latin1'),
  },
  {
    name: 'noise behind a head of JPEG',
    outcome: 'image-truncated',
    make: () => Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xdb]), randomFillSync(Buffer.alloc(1 << 20))]),
  },
];
