import { LatchkeyError, type RgbImage } from '@latchkey/domain';
import type { Sharp } from 'sharp';
import { decodingMemory } from './decoding-memory.ts';
import { firstFrameOfWebp } from './first-frame.ts';
import { foreignFormatOf, type ImageFormat, imageFormatOf } from './image-format.ts';
import { jpegScansOf } from './jpeg-scans.ts';
import { loadSharp } from './sharp.ts';

/** Largest picture that is decoded, in pixels (issue 3 §3). */
export const MAX_PIXELS = 50_000_000;

/** Largest file that is looked at, in bytes. */
export const MAX_BYTES = 25 * 1024 * 1024;

/** Largest memory that decoding may take, in bytes (issue 5: hostile pictures). */
const MAX_MEMORY = 300_000_000;

/** Passes of a JPEG that are decoded: encoders make ten or so. */
const MAX_SCANS = 100;

/** Passes times pixels: 30 over the largest picture. A pixel of a pass takes a nanosecond at most, and two seconds are allowed. */
const MAX_SCANNED_PIXELS = 30 * MAX_PIXELS;

/** When decoding is given up: far above what the largest picture takes on the slowest device. */
const TIMEOUT_SECONDS = 20;

/** Options of {@link decodeImage}. */
export interface DecodeOptions {
  /** Longer side of the result at most; the picture is scaled down, never up. Unlimited when absent. */
  readonly maxSidePx?: number;
}

/**
 * Decodes a JPEG, PNG, WebP, GIF, TIFF or AVIF picture to 8-bit sRGB, upright as its EXIF orientation says. CMYK, grey
 * and 16-bit pictures are converted, transparency is laid on white, of an animation the first frame is taken. Format, size
 * and what decoding would cost are read from the header before anything is decoded; other formats (SVG too) never reach a
 * decoder.
 * @throws LatchkeyError `not-an-image`, `image-truncated`, `image-too-large`.
 */
export async function decodeImage(bytes: Uint8Array, options: DecodeOptions = {}): Promise<RgbImage> {
  if (bytes.byteLength > MAX_BYTES) {
    throw tooLarge(`The file has ${(bytes.byteLength / 1024 / 1024).toFixed(1)} MB`);
  }
  const format = imageFormatOf(bytes);
  if (format === null) throw notAnImage(bytes);
  const input = format === 'webp' ? firstFrameOfWebp(bytes) : bytes;
  const sharp = await loadSharp();
  const picture = sharp(input, {
    failOn: 'error',
    limitInputPixels: false,
    sequentialRead: true,
    pages: 1,
    animated: false,
  });
  await assertDecodable(picture, input, format, options);
  return decode(picture, options);
}

/** sharp's own limit is left off: it is told as an error without a code. */
async function assertDecodable(
  picture: Sharp,
  bytes: Uint8Array,
  format: ImageFormat,
  { maxSidePx = Number.POSITIVE_INFINITY }: DecodeOptions,
): Promise<void> {
  const header = await picture.metadata().catch((cause: unknown) => {
    throw truncated(cause);
  });
  if (header.width * header.height > MAX_PIXELS) {
    throw tooLarge(`The picture has ${header.width} × ${header.height} pixels`);
  }
  const maxScans = Math.min(MAX_SCANS, Math.floor(MAX_SCANNED_PIXELS / (header.width * header.height)));
  const jpeg = format === 'jpeg' ? jpegScansOf(bytes, maxScans) : null;
  if (jpeg && jpeg.scans > maxScans) {
    throw new LatchkeyError(
      'image-too-large',
      `The JPEG is stored in more than ${maxScans} passes, which take too long to decode at its size; save it anew.`,
    );
  }
  const memory = decodingMemory(format, header, jpeg, maxSidePx);
  if (memory > MAX_MEMORY) {
    throw new LatchkeyError(
      'image-too-large',
      `Decoding this ${format.toUpperCase()} of ${header.width} × ${header.height} pixels would take ` +
        `${Math.ceil(memory / 1e6)} MB of memory, more than ${MAX_MEMORY / 1e6}; scale it down or save it as a plain JPEG.`,
    );
  }
}

async function decode(picture: Sharp, options: DecodeOptions): Promise<RgbImage> {
  let pipeline = picture.timeout({ seconds: TIMEOUT_SECONDS }).autoOrient();
  if (options.maxSidePx) {
    const side = options.maxSidePx;
    pipeline = pipeline.resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true });
  }
  try {
    const { data, info } = await pipeline
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, data: threeChannels(data, info.channels) };
  } catch (cause) {
    if (/^timeout/i.test(String(cause instanceof Error ? cause.message : cause))) {
      throw tooLarge(`The picture was not decoded within ${TIMEOUT_SECONDS} s`, cause);
    }
    throw truncated(cause);
  }
}

function threeChannels(data: Uint8Array, channels: number): Uint8Array {
  if (channels === 3) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const pixels = data.byteLength / channels;
  const rgb = new Uint8Array(pixels * 3);
  for (let i = 0; i < pixels; i++) {
    for (let channel = 0; channel < 3; channel++) {
      rgb[i * 3 + channel] = data[i * channels + (channels < 3 ? 0 : channel)] ?? 0;
    }
  }
  return rgb;
}

function notAnImage(bytes: Uint8Array): LatchkeyError {
  const formats = 'JPEG, PNG, WebP, GIF, TIFF or AVIF';
  const foreign = foreignFormatOf(bytes);
  return new LatchkeyError(
    'not-an-image',
    foreign
      ? `The file is ${foreign}, which is not decoded; save the picture as ${formats}.`
      : `The bytes are no ${formats} picture; save it as one of these.`,
  );
}

function tooLarge(what: string, cause?: unknown): LatchkeyError {
  const message = `${what}; 50 megapixels and 25 MB are the limit. Scale it down.`;
  return new LatchkeyError('image-too-large', message, { cause });
}

function truncated(cause: unknown): LatchkeyError {
  return new LatchkeyError('image-truncated', 'The picture is cut off or damaged; send the complete file again.', {
    cause,
  });
}
