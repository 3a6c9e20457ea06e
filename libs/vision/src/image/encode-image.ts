import { LatchkeyError, type RgbImage } from '@latchkey/domain';
import { loadSharp } from './sharp.ts';

/** Formats that pictures are written in. */
export type ImageFileFormat = 'jpeg' | 'png';

/**
 * The format that a file's name asks for.
 * @throws LatchkeyError `invalid-input` for another extension than jpg, jpeg or png.
 */
export function imageFileFormat(path: string): ImageFileFormat {
  if (/\.jpe?g$/i.test(path)) return 'jpeg';
  if (/\.png$/i.test(path)) return 'png';
  throw new LatchkeyError('invalid-input', `${path}: pictures are written as .jpg or .png; choose one of these.`);
}

/** The bytes of a picture file. */
export async function encodeImage({ width, height, data }: RgbImage, format: ImageFileFormat): Promise<Uint8Array> {
  const sharp = await loadSharp();
  const picture = sharp(data, { raw: { width, height, channels: 3 } });
  return new Uint8Array(await (format === 'png' ? picture.png() : picture.jpeg({ quality: 90 })).toBuffer());
}
