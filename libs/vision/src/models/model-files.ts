import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LatchkeyError } from '@latchkey/domain';
import type { ModelFile } from './model-manifest.ts';

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
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new LatchkeyError('model-missing', `${path} is not there; run npm ci to install ${file.package} again.`, {
      cause,
    });
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (bytes.byteLength !== file.bytes || sha256 !== file.sha256) {
    throw new LatchkeyError(
      'model-corrupt',
      `${path} has ${bytes.byteLength} bytes and SHA-256 ${sha256}, weights/manifest.json says ${file.bytes} and ` +
        `${file.sha256}: damaged or of another version. Run npm ci.`,
      { details: { path, sha256 } },
    );
  }
  return bytes;
}
