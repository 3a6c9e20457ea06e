import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

/**
 * Compiled networks on disk. A file's name carries its key (what it was made from) and the hash of its content, so that
 * one rename makes it complete and a damaged file is noticed when it is read. Several processes may share a folder.
 */
export class CompiledCache {
  /** Where it is: the model cache folder, in which models that were added stand too. */
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /**
   * The network's bytes: from the folder when they are there and whole, else made by `compile` and kept. A folder that
   * cannot be written costs time at the next start, nothing else.
   * @param ingredients everything that the bytes depend on.
   * @param extension of the file's name.
   */
  async get(
    name: string,
    ingredients: readonly string[],
    compile: () => Promise<Uint8Array>,
    extension: 'onnx' | 'weights' = 'onnx',
  ): Promise<{ readonly bytes: Uint8Array; readonly from: 'cache' | 'sources' }> {
    const prefix = `${name}.${sha256(JSON.stringify(ingredients)).slice(0, 16)}.`;
    const kept = await this.#read(prefix, extension);
    if (kept) return { bytes: kept, from: 'cache' };
    const bytes = await compile();
    await this.#write(`${prefix}${sha256(bytes)}.${extension}`, bytes).catch(() => undefined);
    return { bytes, from: 'sources' };
  }

  async #read(prefix: string, extension: string): Promise<Uint8Array | null> {
    const names = await readdir(this.folder).catch(() => []);
    for (const name of names.filter(
      (candidate) => candidate.startsWith(prefix) && candidate.endsWith(`.${extension}`),
    )) {
      const path = join(this.folder, name);
      const bytes = await readFile(path).catch(() => null);
      if (bytes && `${prefix}${sha256(bytes)}.${extension}` === name) return bytes;
      await rm(path, { force: true }).catch(() => undefined);
    }
    return null;
  }

  async #write(name: string, bytes: Uint8Array): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    const temporary = join(this.folder, `.${name}.${randomUUID()}.tmp`);
    try {
      const file = await open(temporary, 'wx', 0o644);
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, join(this.folder, name));
    } catch (cause) {
      await rm(temporary, { force: true });
      throw cause;
    }
  }
}
