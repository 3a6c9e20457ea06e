import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LatchkeyError } from '@latchkey/domain';
import { type FileContent, formatExpected, matching } from './file-content.ts';
import { type ModelFile, type ModelVariant, type OptionalModelEntry, versionOf } from './model-manifest.ts';

/**
 * Folder of an installed npm package, looked for as Node does: in `node_modules` of this folder and all above it. Not
 * through `require.resolve`: packages whose `exports` hide `package.json` cannot be found that way.
 * @throws LatchkeyError `model-missing` when the package is not installed.
 */
export function packageFolder(name: string, from: string = dirname(fileURLToPath(import.meta.url))): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', ...name.split('/'));
    if (existsSync(join(candidate, 'package.json'))) return candidate;
    if (dirname(folder) === folder) break;
  }
  throw new LatchkeyError(
    'model-missing',
    `The npm package ${name} with a model's weights is not installed; run npm ci.`,
  );
}

/**
 * Reads one file of a model and checks that it is the very file that the manifest names.
 * @param folder where the package is; looked up when absent.
 * @throws LatchkeyError `model-missing`, or `model-corrupt` when size or SHA-256 differ.
 */
export async function readModelFile(
  file: ModelFile,
  folder: string = packageFolder(file.package),
): Promise<Uint8Array> {
  const path = join(folder, file.path);
  return (await readChecked(path, [file], `run npm ci to install ${file.package} again`)).bytes;
}

/** Folder for packages that `latchkey models add` took with npm because they are not installed whole. */
export function packagesFolder(cacheDir: string): string {
  return join(cacheDir, 'packages');
}

/**
 * Reads one file of a model that comes with Latchkey, from the installed package or, when that is not there or is damaged,
 * from a copy in the model cache.
 * @throws LatchkeyError as {@link readModelFile} for the installed package.
 */
export async function readBundledFile(file: ModelFile, cacheDir: string): Promise<Uint8Array> {
  try {
    return await readModelFile(file);
  } catch (error) {
    return await readModelFile(file, join(packagesFolder(cacheDir), file.package)).catch(() => {
      throw error;
    });
  }
}

/** A model file that a user has added. */
export interface AddedModelFile {
  readonly bytes: Uint8Array;
  /** Of the file: the entry's, or the variant's of it. */
  readonly version: string;
}

/** The contents of an added file that are right: that of the manifest's address, then its variants. */
export function expectedContents(
  entry: OptionalModelEntry,
): readonly (FileContent & { readonly variant: ModelVariant | null })[] {
  const { download, variants } = entry;
  if (!download) return [];
  return [{ ...download, variant: null }, ...variants.map((variant) => ({ ...variant, variant }))];
}

/**
 * Reads a model file that a user has added.
 * @param path where the file is.
 * @throws LatchkeyError `model-missing`, or `model-corrupt` when it is none of the files that the manifest names.
 */
export async function readAddedModel(entry: OptionalModelEntry, path: string): Promise<AddedModelFile> {
  if (!entry.download) {
    throw new LatchkeyError(
      'invalid-input',
      `${entry.name} is not one file but a folder of ${entry.folder?.files} files.`,
    );
  }
  const { bytes, found } = await readChecked(path, expectedContents(entry), `get it again from ${entry.download.url}`);
  return { bytes, version: versionOf(entry, found.variant) };
}

async function readChecked<Expected extends FileContent>(
  path: string,
  expected: readonly Expected[],
  remedy: string,
): Promise<{ readonly bytes: Uint8Array; readonly found: Expected }> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new LatchkeyError('model-missing', `${path} is not there; ${remedy}.`, { cause });
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const found = matching(expected, { bytes: bytes.byteLength, sha256 });
  if (!found) {
    throw new LatchkeyError(
      'model-corrupt',
      `${path} has ${bytes.byteLength} bytes and SHA-256 ${sha256}, weights/manifest.json says ` +
        `${formatExpected(expected)}: damaged or of another version; ${remedy}.`,
      { details: { path, sha256 } },
    );
  }
  return { bytes, found };
}
