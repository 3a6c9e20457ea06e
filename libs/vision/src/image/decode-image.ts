import { LatchkeyError, type RgbImage } from '@latchkey/domain';
import sharp, { type Sharp } from 'sharp';
import { imageFormatOf } from './image-format.ts';

/** Largest picture that is decoded, in pixels (issue 3 §3). */
export const MAX_PIXELS = 50_000_000;

/** Largest file that is looked at, in bytes. */
export const MAX_BYTES = 25 * 1024 * 1024;

/** Options of {@link decodeImage}. */
export interface DecodeOptions {
  /** Longer side of the result at most; the picture is scaled down, never up. Unlimited when absent. */
  readonly maxSidePx?: number;
}

/**
 * Decodes a JPEG, PNG, WebP, GIF, TIFF or AVIF picture to 8-bit sRGB, upright as its EXIF orientation says. CMYK, grey
 * and 16-bit pictures are converted, transparency is laid on white, of an animation the first frame is taken. Size and
 * format are read from the header before anything is decoded; other formats (SVG too) never reach a decoder.
 * @throws LatchkeyError `not-an-image`, `image-truncated`, `image-too-large`.
 */
export async function decodeImage(bytes: Uint8Array, options: DecodeOptions = {}): Promise<RgbImage> {
  if (bytes.byteLength > MAX_BYTES) {
    throw tooLarge(`The file has ${(bytes.byteLength / 1024 / 1024).toFixed(1)} MB`);
  }
  if (imageFormatOf(bytes) === null) {
    throw new LatchkeyError(
      'not-an-image',
      'The bytes are no JPEG, PNG, WebP, GIF, TIFF or AVIF picture; save it as one of these.',
    );
  }
  const picture = sharp(bytes, { failOn: 'error', limitInputPixels: false, pages: 1, animated: false });
  await assertSize(picture);
  return decode(picture, options);
}

async function assertSize(picture: Sharp): Promise<void> {
  const { width, height } = await picture.metadata().catch((cause: unknown) => {
    throw truncated(cause);
  });
  if (width * height > MAX_PIXELS) {
    throw tooLarge(`The picture has ${width} × ${height} pixels`);
  }
}

async function decode(picture: Sharp, options: DecodeOptions): Promise<RgbImage> {
  let pipeline = picture.autoOrient();
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

function tooLarge(what: string): LatchkeyError {
  return new LatchkeyError('image-too-large', `${what}; 50 megapixels and 25 MB are the limit. Scale it down.`);
}

function truncated(cause: unknown): LatchkeyError {
  return new LatchkeyError('image-truncated', 'The picture is cut off or damaged; send the complete file again.', {
    cause,
  });
}
