import { randomUUID } from 'node:crypto';
import { mkdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { LatchkeyError } from '@latchkey/domain';
import { forgetEngineChoice } from '@latchkey/vision';

/** Folders of one build. */
export interface BuildFolders {
  /** A folder of engines that has this one alone: what a test of it is given. */
  readonly root: string;
  /** Where the engine goes. */
  readonly engine: string;
}

/**
 * Builds an engine in a folder of its own and makes it the installed one, `ENGINES/NAME`, in one step when it is done. What
 * fails or is cancelled leaves the engine that was installed before, and no trace.
 * @throws LatchkeyError `storage-failed` when the folder cannot be written, and what `build` throws.
 */
export async function installBuild<Result>(
  engineDir: string,
  name: string,
  build: (folders: BuildFolders) => Promise<Result>,
): Promise<Result> {
  const root = resolve(engineDir, 'builds', `${name}-${randomUUID().slice(0, 8)}`);
  const engine = join(root, name);
  await mkdir(engine, { recursive: true }).catch((cause: unknown) => {
    throw new LatchkeyError('storage-failed', `${engine} cannot be made; set LATCHKEY_ENGINE_DIR to another folder.`, {
      cause,
    });
  });
  try {
    const result = await build({ root, engine });
    await makeInstalled(resolve(engineDir), name, engine);
    return result;
  } catch (cause) {
    await rm(root, { recursive: true, force: true });
    throw cause;
  }
}

async function makeInstalled(engineDir: string, name: string, engine: string): Promise<void> {
  const installed = join(engineDir, name);
  const before = await readlink(installed).catch(() => null);
  const link = join(engineDir, `.${name}-${randomUUID().slice(0, 8)}`);
  await symlink(relative(engineDir, engine), link);
  try {
    await rename(link, installed);
  } catch (cause) {
    await rm(link, { force: true });
    throw new LatchkeyError(
      'storage-failed',
      `${installed} cannot be replaced; it is no link that Latchkey made. Move it away.`,
      { cause },
    );
  }
  // Other engines, other times: what was measured before says nothing any more.
  await forgetEngineChoice(engineDir);
  // Processes that run keep what they have loaded.
  if (before !== null) await rm(dirname(resolve(engineDir, before)), { recursive: true, force: true });
}
