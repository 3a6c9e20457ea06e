import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LatchkeyError } from '@latchkey/domain';
import { z } from 'zod';

const serverSecrets = z.strictObject({
  superuserPassword: z.string().min(1),
  password: z.string().min(1),
  /** Where the server listened last, so that addresses stay the same between starts. */
  port: z.number().int().nullable(),
});
/** Passwords and last port of one embedded server (`server.json`, mode 0600, beside the data). */
export type ServerSecrets = z.infer<typeof serverSecrets>;

/**
 * The secrets of the server in `dataDir`; null at its first start.
 * @throws LatchkeyError `storage-corrupt` when the file cannot be understood, `storage-failed` when it may not be read.
 */
export async function readSecrets(dataDir: string): Promise<ServerSecrets | null> {
  const path = secretsFile(dataDir);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new LatchkeyError(
      'storage-failed',
      `${path} cannot be read (${(error as Error).message}); run as the user who started the database first, or use another folder.`,
      { cause: error },
    );
  }
  try {
    return serverSecrets.parse(JSON.parse(text));
  } catch (cause) {
    throw new LatchkeyError(
      'storage-corrupt',
      `${path} is damaged; restore it, its passwords open the database beside it.`,
      { cause },
    );
  }
}

/** New secrets with two random passwords of 192 bits. */
export function newSecrets(): ServerSecrets {
  const password = () => randomBytes(24).toString('base64url');
  return { superuserPassword: password(), password: password(), port: null };
}

/** Writes the secrets whole or not at all, readable by their owner only. */
export async function writeSecrets(dataDir: string, secrets: ServerSecrets): Promise<void> {
  const path = secretsFile(dataDir);
  const partial = `${path}.${process.pid}.partial`;
  await writeFile(partial, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600, flush: true });
  await rename(partial, path);
}

function secretsFile(dataDir: string): string {
  return join(dataDir, 'server.json');
}
