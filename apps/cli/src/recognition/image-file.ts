import { readFile, stat } from 'node:fs/promises';
import { isLatchkeyError, LatchkeyError, type RgbImage } from '@latchkey/domain';
import { decodeImage, MAX_BYTES } from '@latchkey/vision';

/**
 * The bytes of a picture file.
 * @throws LatchkeyError `missing-file`, `invalid-input` for a folder, `image-too-large` without reading it.
 */
export async function readImageFile(path: string): Promise<Uint8Array> {
  try {
    const entry = await stat(path);
    if (entry.isDirectory()) throw new LatchkeyError('invalid-input', `${path} is a folder; name a picture in it.`);
    if (entry.size > MAX_BYTES) {
      const megabytes = (entry.size / 1024 / 1024).toFixed(1);
      throw new LatchkeyError(
        'image-too-large',
        `${path} has ${megabytes} MB, more than the 25 that are read; scale it down.`,
      );
    }
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof LatchkeyError) throw cause;
    throw new LatchkeyError('missing-file', `${path} cannot be read: ${(cause as Error).message}.`, { cause });
  }
}

/**
 * The picture of a file.
 * @param bytes of the file, when they were read before.
 * @throws LatchkeyError what {@link readImageFile} and the decoder give, with the file's name in front.
 */
export async function decodeImageFile(path: string, bytes?: Uint8Array): Promise<RgbImage> {
  const content = bytes ?? (await readImageFile(path));
  try {
    return await decodeImage(content);
  } catch (error) {
    // The decoder does not know the file's name.
    if (!isLatchkeyError(error) || error.message.includes(path)) throw error;
    throw new LatchkeyError(error.code, `${path}: ${error.message}`, { cause: error, details: error.details });
  }
}
