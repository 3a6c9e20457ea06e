import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LatchkeyError } from '@latchkey/domain';
import { onDisk } from './disk-error.ts';
import { type FileContent, formatExpected, matching } from './file-content.ts';
import { syncFolder } from './partial-file.ts';
import { temporaryName } from './temporary-name.ts';

/**
 * Copies a model file that is on the disk to its place, where it appears in one step when it is the right one.
 * @param expected the contents that are right.
 * @param options `onProgress` is told how many bytes are copied.
 * @throws LatchkeyError `missing-file`, `model-corrupt` when it is no file that the manifest names, `storage-full`,
 * `storage-failed`; the signal's reason.
 */
export async function importFile(
  source: string,
  expected: readonly FileContent[],
  target: string,
  options: { readonly signal?: AbortSignal; readonly onProgress?: (bytes: number, total: number) => void } = {},
): Promise<void> {
  const found = await stat(source).catch((cause: unknown) => {
    throw new LatchkeyError('missing-file', `${source} is not there.`, { cause });
  });
  if (!found.isFile()) throw new LatchkeyError('invalid-input', `${source} is a folder; this model is one file.`);
  const temporary = `${target}.${temporaryName()}.tmp`;
  await onDisk(target, () => mkdir(dirname(target), { recursive: true }));
  try {
    const sha256 = await copied(source, temporary, found.size, options);
    if (!matching(expected, { bytes: found.size, sha256 })) {
      throw new LatchkeyError(
        'model-corrupt',
        `${source} has ${found.size} bytes and SHA-256 ${sha256}, weights/manifest.json says ` +
          `${formatExpected(expected)}: damaged or of another version. It was not added.`,
        { details: { path: source, sha256 } },
      );
    }
    await onDisk(target, () => rename(temporary, target));
    await syncFolder(dirname(target));
  } finally {
    await rm(temporary, { force: true });
  }
}

async function copied(
  source: string,
  target: string,
  total: number,
  { signal, onProgress = () => undefined }: Parameters<typeof importFile>[3] & object,
): Promise<string> {
  const hash = createHash('sha256');
  const file = await onDisk(target, () => open(target, 'wx', 0o644));
  let done = 0;
  try {
    for await (const chunk of createReadStream(source, { signal, highWaterMark: 1024 * 1024 })) {
      hash.update(chunk);
      await onDisk(target, () => file.writeFile(chunk));
      done += chunk.length;
      onProgress(done, total);
    }
    await onDisk(target, () => file.sync());
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}
