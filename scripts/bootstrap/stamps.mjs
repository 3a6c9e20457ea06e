import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { inRoot, root } from './root.mjs';

/** Goes with node_modules: what was installed and built from what. */
const folder = inRoot('node_modules', '.cache', 'latchkey');

/**
 * Whether a step was last done with this fingerprint.
 * @param {string} name
 * @param {string} fingerprint
 */
export function isStamped(name, fingerprint) {
  const path = join(folder, name);
  return existsSync(path) && readFileSync(path, 'utf8') === fingerprint;
}

/**
 * Remembers that a step was done with this fingerprint.
 * @param {string} name
 * @param {string} fingerprint
 */
export function stamp(name, fingerprint) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), fingerprint);
}

/**
 * SHA-256 of names and contents of files and of everything in folders. Times do not count: a checkout changes them.
 * @param {string[]} paths relative to the root; what is not there is left out.
 * @param {RegExp} [only] names of files that count.
 */
export function fingerprintOf(paths, only = /./) {
  const hash = createHash('sha256');
  for (const path of paths.flatMap((entry) => filesIn(inRoot(entry))).sort()) {
    if (only.test(path))
      hash
        .update(`${relative(root, path)}\0`)
        .update(readFileSync(path))
        .update('\0');
  }
  return hash.digest('hex');
}

/**
 * @param {string} path
 * @returns {string[]}
 */
function filesIn(path) {
  if (!existsSync(path)) return [];
  try {
    return readdirSync(path, { withFileTypes: true }).flatMap((entry) => filesIn(join(path, entry.name)));
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOTDIR') return [path];
    throw error;
  }
}
