import { beforeAll, describe, expect, it } from '@jest/globals';
import { isLatchkeyError } from '@latchkey/domain';
import { decodeImage } from '@latchkey/vision';
import fc from 'fast-check';
import sharp, { type Sharp } from 'sharp';

/** The same files in every run; a failure names the seed and the smallest damage that shows it. */
const seed = 20_261_125;
const runsPerFormat = 80;
const timeoutMs = 240_000;

const codes = ['not-an-image', 'image-truncated', 'image-too-large'];

const noisy = (): Sharp =>
  sharp({
    create: {
      width: 160,
      height: 120,
      channels: 3,
      background: '#777',
      noise: { type: 'gaussian', mean: 128, sigma: 30 },
    },
  });

const formats: Readonly<Record<string, () => Sharp>> = {
  JPEG: () => noisy().withMetadata({ orientation: 6 }).jpeg({ quality: 60 }),
  'progressive JPEG': () => noisy().jpeg({ quality: 60, progressive: true }),
  PNG: () => noisy().png(),
  'interlaced PNG': () => noisy().ensureAlpha(0.5).png({ progressive: true }),
  WebP: () => noisy().webp({ quality: 60 }),
  'lossless WebP': () => noisy().webp({ lossless: true, effort: 0 }),
  GIF: () => noisy().gif({ effort: 1 }),
  'LZW TIFF': () => noisy().tiff({ compression: 'lzw' }),
  'tiled TIFF': () => noisy().tiff({ compression: 'deflate', tile: true, tileWidth: 64, tileHeight: 64 }),
  'JPEG in TIFF': () => noisy().tiff({ compression: 'jpeg' }),
  AVIF: () => noisy().avif({ effort: 0 }),
};

/** One thing that happens to a file on its way; places are shares of its length. */
type Damage =
  | { readonly kind: 'flip'; readonly at: number; readonly bit: number }
  | { readonly kind: 'set'; readonly at: number; readonly byte: number }
  | { readonly kind: 'cut'; readonly at: number }
  | { readonly kind: 'remove' | 'repeat'; readonly at: number; readonly length: number }
  | { readonly kind: 'insert'; readonly at: number; readonly bytes: Uint8Array };

// Heads hold sizes and offsets: half of the damage is done there.
const place = fc.oneof(fc.double({ min: 0, max: 0.02, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }));
const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at: place, bit: fc.nat(7) }),
  fc.record({ kind: fc.constant('set' as const), at: place, byte: fc.constantFrom(0, 1, 0x7f, 0x80, 0xfe, 0xff) }),
  fc.record({ kind: fc.constant('cut' as const), at: place }),
  fc.record({ kind: fc.constantFrom('remove' as const, 'repeat' as const), at: place, length: fc.nat(64) }),
  fc.record({ kind: fc.constant('insert' as const), at: place, bytes: fc.uint8Array({ maxLength: 32 }) }),
);

function damaged(file: Buffer, what: Damage): Buffer {
  const at = Math.floor(what.at * (file.length - 1));
  const [before, after] = [file.subarray(0, at), file.subarray(at)];
  switch (what.kind) {
    case 'cut':
      return before;
    case 'remove':
      return Buffer.concat([before, after.subarray(what.length)]);
    case 'repeat':
      return Buffer.concat([before, after.subarray(0, what.length), after]);
    case 'insert':
      return Buffer.concat([before, what.bytes, after]);
    default: {
      const copy = Buffer.from(file);
      copy[at] = what.kind === 'set' ? what.byte : (copy[at] ?? 0) ^ (1 << what.bit);
      return copy;
    }
  }
}

async function outcome(bytes: Uint8Array): Promise<string> {
  try {
    const { width, height, data } = await decodeImage(bytes);
    return data.length === width * height * 3 && data.length > 0
      ? 'picture'
      : `${width} × ${height}: ${data.length} bytes`;
  } catch (error) {
    return isLatchkeyError(error) ? error.code : String(error);
  }
}

describe.each(Object.entries(formats))('a damaged %s', (_, make) => {
  let file: Buffer;
  beforeAll(async () => {
    file = await make().toBuffer();
  });

  it('is a picture at first', async () => {
    expect(await outcome(file)).toBe('picture');
  });

  it(
    'is a picture still or is refused by a code',
    async () => {
      const anyDamage = fc.array(damage, { minLength: 1, maxLength: 6 });
      await fc.assert(
        fc.asyncProperty(anyDamage, async (all) => {
          expect(['picture', ...codes]).toContain(await outcome(all.reduce(damaged, file)));
        }),
        { seed, numRuns: runsPerFormat, endOnFailure: true },
      );
    },
    timeoutMs,
  );
});

describe('bytes that are no file at all', () => {
  const heads = [
    '\xff\xd8\xff',
    '\x89PNG\r\n\x1a\n',
    'GIF89a',
    'II*\0',
    'MM\0*',
    'RIFF\xff\0\0\0WEBP',
    '\0\0\0\x1cftypavif',
  ];

  it(
    'are refused by a code behind every head',
    async () => {
      const bytes = fc.uint8Array({ maxLength: 4096 });
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...heads), bytes, async (head, rest) => {
          expect(codes).toContain(await outcome(Buffer.concat([Buffer.from(head, 'latin1'), rest])));
        }),
        { seed, numRuns: 300 },
      );
    },
    timeoutMs,
  );
});
