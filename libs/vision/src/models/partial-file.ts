import { type FileHandle, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { onDisk } from './disk-error.ts';
import { isAbandoned, temporaryName } from './temporary-name.ts';

/**
 * The part of a file that has arrived. It belongs to one process at a time: a transfer takes over what an earlier one left
 * (`TARGET.partial`, or the file of a process that died) by renaming it, so that two at once never write into one file.
 * Beside it stands the server's mark of the version that it is a part of.
 */
export class PartialFile {
  readonly path: string;
  readonly #target: string;
  #size = 0;
  #tag: string | null = null;

  private constructor(target: string) {
    this.#target = target;
    this.path = `${target}.${temporaryName()}.partial`;
  }

  /** Takes what there is of `target`, which may be nothing. */
  static async claim(target: string): Promise<PartialFile> {
    const partial = new PartialFile(target);
    for (const left of await leftovers(target)) {
      // Somebody else may be quicker.
      if (!(await moved(left, partial.path))) continue;
      await moved(tagOf(left), tagOf(partial.path));
      partial.#size = (await stat(partial.path)).size;
      partial.#tag = await readFile(tagOf(partial.path), 'utf8').catch(() => null);
      break;
    }
    return partial;
  }

  /** Bytes that have arrived. */
  get size(): number {
    return this.#size;
  }

  /** A strong HTTP entity tag of the version that they are of; null when the server gave none. */
  get tag(): string | null {
    return this.#tag;
  }

  /**
   * Appends what comes, and returns when it is on the disk; what came before a failure stays.
   * @param onSize told how many bytes are there.
   * @throws LatchkeyError `storage-full`, `storage-failed`, and what `chunks` throws.
   */
  async append(chunks: AsyncIterable<Uint8Array>, onSize: (size: number) => void): Promise<void> {
    const file = await onDisk(this.path, () => open(this.path, 'a', 0o644));
    try {
      for await (const chunk of chunks) {
        await onDisk(this.path, () => writeAll(file, chunk));
        this.#size += chunk.byteLength;
        onSize(this.#size);
      }
      await onDisk(this.path, () => file.sync());
    } catch (error) {
      await file.sync().catch(() => undefined);
      throw error;
    } finally {
      await file.close();
    }
  }

  /** Forgets what has arrived. @param tag of the version that is going to arrive. */
  async restart(tag: string | null): Promise<void> {
    await onDisk(this.path, async () => {
      await rm(tagOf(this.path), { force: true });
      await writeFile(this.path, '');
      if (tag !== null) await writeFile(tagOf(this.path), tag);
    });
    this.#size = 0;
    this.#tag = tag;
  }

  /** Leaves what has arrived for the next transfer. */
  async release(): Promise<void> {
    if (this.#size === 0) return this.discard();
    await rm(tagOf(`${this.#target}.partial`), { force: true });
    await moved(tagOf(this.path), tagOf(`${this.#target}.partial`));
    await moved(this.path, `${this.#target}.partial`);
  }

  /** Makes it the target, in one step. */
  async finish(): Promise<void> {
    await onDisk(this.#target, async () => {
      await rename(this.path, this.#target);
      await rm(tagOf(this.path), { force: true });
      await syncFolder(dirname(this.#target));
    });
  }

  /** Throws it away. */
  async discard(): Promise<void> {
    await rm(this.path, { force: true });
    await rm(tagOf(this.path), { force: true });
  }
}

/** Makes a rename in a folder last; not every system can. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => null);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

const tagOf = (path: string): string => `${path}.etag`;

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.byteLength; ) {
    done += (await file.write(chunk, done, chunk.byteLength - done)).bytesWritten;
  }
}

/** Parts of the target that nobody works on, the one that was left in order first. */
async function leftovers(target: string): Promise<string[]> {
  const [folder, prefix] = [dirname(target), `${basename(target)}.`];
  const names = (await readdir(folder).catch(() => [])).filter(
    (name) => name.startsWith(prefix) && name.endsWith('.partial'),
  );
  const free: string[] = [];
  for (const name of names) {
    const path = join(folder, name);
    const owner = name.slice(prefix.length, -'.partial'.length);
    if (name === `${prefix}partial`) free.unshift(path);
    else if (isAbandoned(owner, Date.now() - ((await stat(path).catch(() => null))?.mtimeMs ?? Date.now()))) {
      free.push(path);
    }
  }
  return free;
}

async function moved(from: string, to: string): Promise<boolean> {
  return rename(from, to).then(
    () => true,
    () => false,
  );
}
