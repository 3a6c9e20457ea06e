import { readFile, stat } from 'node:fs/promises';
import { LatchkeyError } from '@latchkey/domain';
import { MAX_BYTES } from '@latchkey/vision';

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
