import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { onDisk } from './disk-error.ts';
import type { ModelStatus } from './model-store.ts';
import { temporaryName } from './temporary-name.ts';

const acceptance = z.object({
  name: z.string(),
  version: z.string(),
  licence: z.string(),
  acceptedAt: z.iso.datetime(),
});

/** Remembers which licences were accepted on this machine, one file a model and version. */
export class LicenceBook {
  readonly #folder: string;

  /** @param folder the model cache's. */
  constructor(folder: string) {
    this.#folder = join(folder, 'licences');
  }

  /** Whether this very licence of this version was accepted. */
  async isAccepted(model: Pick<ModelStatus, 'name' | 'version' | 'licence'>): Promise<boolean> {
    const text = await readFile(this.#pathOf(model), 'utf8').catch(() => '');
    try {
      return acceptance.parse(JSON.parse(text)).licence === model.licence;
    } catch {
      return false;
    }
  }

  /**
   * Writes down that it was accepted.
   * @throws LatchkeyError `storage-full`, `storage-failed`.
   */
  async accept({ name, version, licence }: Pick<ModelStatus, 'name' | 'version' | 'licence'>, at: Date): Promise<void> {
    const path = this.#pathOf({ name, version });
    const temporary = `${path}.${temporaryName()}.tmp`;
    await onDisk(path, async () => {
      await mkdir(dirname(path), { recursive: true });
      try {
        const text = JSON.stringify({ name, version, licence, acceptedAt: at.toISOString() });
        await writeFile(temporary, `${text}\n`, { flush: true });
        await rename(temporary, path);
      } finally {
        await rm(temporary, { force: true });
      }
    });
  }

  #pathOf({ name, version }: Pick<ModelStatus, 'name' | 'version'>): string {
    return join(this.#folder, `${name}@${version}.json`);
  }
}
