import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { LatchkeyError } from '@latchkey/domain';
import { unzip } from './unzip.ts';

/**
 * Unpacks an archive: zip, or whatever the system's `tar` reads (tar, gzip, xz, bzip2 where their programs are there).
 * @param folder must be there; nothing is written outside it.
 * @throws LatchkeyError `invalid-input` when it is no archive or a damaged one, `missing-file` when there is no `tar`.
 */
export async function unpackArchive(archive: string, folder: string, signal?: AbortSignal): Promise<void> {
  if (await isZip(archive)) await unzip(archive, folder, signal);
  else await unpackTar(archive, folder, signal);
}

/** Unpacks with the system's `tar`, see {@link unpackArchive}. */
export async function unpackTar(archive: string, folder: string, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  const { code, stderr } = await new Promise<{ code: number | null; stderr: string }>((resolve, reject) => {
    const child = spawn('tar', ['-xf', archive, '-C', folder], { stdio: ['ignore', 'ignore', 'pipe'], signal });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ code: exitCode, stderr: said }));
  }).catch((cause: NodeJS.ErrnoException) => {
    signal?.throwIfAborted();
    if (cause.code !== 'ENOENT') throw cause;
    throw new LatchkeyError('missing-file', `tar was not found; unpack ${archive} and pass its folder.`, { cause });
  });
  signal?.throwIfAborted();
  if (code === 0) return;
  throw new LatchkeyError(
    'invalid-input',
    `${archive} cannot be unpacked: ${stderr.trim().split('\n')[0] ?? ''}. Pass a whole archive, or the unpacked folder.`,
  );
}

async function isZip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return bytesRead === 4 && buffer.toString('latin1').startsWith('PK');
  } finally {
    await file.close();
  }
}
