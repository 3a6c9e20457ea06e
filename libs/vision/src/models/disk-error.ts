import { isLatchkeyError, LatchkeyError } from '@latchkey/domain';

/** What the operating system says when there is no room: the disk, a quota, the largest size of a file. */
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/**
 * Does something with files; what the disk refuses becomes an error that says what to do.
 * @param path for the message: the file or folder that is worked on.
 * @throws LatchkeyError `storage-full`, `storage-failed`; what is no error of the operating system passes unchanged.
 */
export async function onDisk<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const { code = '' } = cause as { readonly code?: string };
    if (isLatchkeyError(cause) || !/^E[A-Z]+$/.test(code)) throw cause;
    if (FULL.has(code)) {
      throw new LatchkeyError('storage-full', `${path} cannot be written, there is no room (${code}); make some.`, {
        cause,
      });
    }
    throw new LatchkeyError(
      'storage-failed',
      `${path} cannot be written (${code}); check the folder, or set LATCHKEY_MODEL_CACHE_DIR to another.`,
      { cause },
    );
  }
}
