import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isLatchkeyError, LatchkeyError } from '@latchkey/domain';
import { readCsvFolder } from '../importers/openface-csv.ts';
import { nn4CsvFiles } from '../networks/nn4-small2/weight-files.ts';
import { onDisk } from './disk-error.ts';
import { sha256OfFile } from './download-model.ts';
import { syncFolder } from './partial-file.ts';
import { isAbandoned, temporaryName } from './temporary-name.ts';
import { unpackArchive } from './unpack-archive.ts';

/** File beside the CSV files with one SHA-256 over all of them, as they were when they were added. */
const HASH_FILE = 'sha256.txt';

/**
 * Copies OpenFace's CSV files to their place, out of a folder or an archive (of any folder structure). Every value is read
 * before the folder appears, in one step.
 * @param onProgress told how many files have been read.
 * @throws LatchkeyError `missing-file`, `model-missing` and `model-corrupt` that name the file, `invalid-input` for what is
 * neither folder nor archive, `storage-full`, `storage-failed`; the signal's reason.
 */
export async function importCsvFolder(
  source: string,
  target: string,
  options: { readonly signal?: AbortSignal; readonly onProgress?: (done: number, total: number) => void } = {},
): Promise<void> {
  const found = await stat(source).catch((cause: unknown) => {
    throw new LatchkeyError('missing-file', `${source} is not there.`, { cause });
  });
  await removeAbandoned(target);
  const temporary = `${target}.${temporaryName()}.tmp`;
  const [unpacked, files] = [join(temporary, 'unpacked'), join(temporary, 'files')];
  try {
    await onDisk(temporary, async () => {
      await mkdir(unpacked, { recursive: true });
      await mkdir(files);
    });
    if (!found.isDirectory()) await onDisk(unpacked, () => unpackArchive(source, unpacked, options.signal));
    const folder = await csvFolderIn(found.isDirectory() ? source : unpacked);
    await readCsvFolder(folder, nn4CsvFiles, (done, total) => {
      options.signal?.throwIfAborted();
      options.onProgress?.(done, total);
    }).catch((error: unknown) => {
      if (!isLatchkeyError(error)) throw error;
      // People know the archive, not where it was unpacked.
      const { code, message, details } = error;
      throw new LatchkeyError(code, message.replaceAll(folder, source), { cause: error, details });
    });
    await onDisk(files, async () => {
      for (const { name } of nn4CsvFiles) {
        options.signal?.throwIfAborted();
        const bytes = await readFile(join(folder, `${name}.csv`));
        await writeFile(join(files, `${name}.csv`), bytes, { flush: true });
      }
      await writeFile(join(files, HASH_FILE), await hashOf(files), { flush: true });
      await syncFolder(files);
      await replaceFolder(files, target, join(temporary, 'old'));
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/**
 * Whether an added folder is as it was when it was added.
 * @returns null when it is, else what is wrong.
 */
export async function csvFolderProblem(folder: string): Promise<string | null> {
  const expected = await readFile(join(folder, HASH_FILE), 'utf8').catch(() => null);
  if (expected === null) return `${folder} is incomplete`;
  const actual = await hashOf(folder).catch(() => null);
  if (actual === null) return `files in ${folder} are missing`;
  return actual === expected ? null : `files in ${folder} were changed`;
}

async function hashOf(folder: string): Promise<string> {
  const hash = createHash('sha256');
  for (const { name } of nn4CsvFiles) hash.update(`${await sha256OfFile(join(folder, `${name}.csv`))}  ${name}.csv\n`);
  return hash.digest('hex');
}

/** The folder, at any depth, with most of the files that are wanted. */
async function csvFolderIn(root: string): Promise<string> {
  const wanted = new Set(nn4CsvFiles.map(({ name }) => `${name}.csv`));
  const counts = new Map<string, number>();
  for (const path of await readdir(root, { recursive: true })) {
    if (wanted.has(basename(path))) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
  }
  const [best] = [...counts].sort(([, a], [, b]) => b - a);
  return join(root, best?.[0] ?? '.');
}

async function replaceFolder(folder: string, target: string, old: string): Promise<void> {
  await rename(target, old).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  await rename(folder, target).catch(async (error: NodeJS.ErrnoException) => {
    // Another process has put its own copy there in between: as good as this one.
    if (error.code === 'ENOTEMPTY' || error.code === 'EEXIST') return;
    await rename(old, target).catch(() => undefined);
    throw error;
  });
  await syncFolder(dirname(target));
}

async function removeAbandoned(target: string): Promise<void> {
  const [parent, prefix] = [dirname(target), `${basename(target)}.`];
  for (const name of await readdir(parent).catch(() => [])) {
    if (!name.startsWith(prefix) || !name.endsWith('.tmp')) continue;
    const path = join(parent, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
    if (isAbandoned(name.slice(prefix.length, -'.tmp'.length), Date.now() - mtimeMs)) {
      await rm(path, { recursive: true, force: true });
    }
  }
}
