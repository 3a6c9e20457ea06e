import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { LatchkeyError } from '@latchkey/domain';

/**
 * The key of a local database out of a file, made when there is none: 32 random bytes as 64 hexadecimal digits, mode 0600
 * in a folder of mode 0700. It belongs into another folder than the database. Two processes that start at once get one key.
 * @throws LatchkeyError `storage-corrupt` when the file holds no key (a new one is never written over it: what it locks
 * would be lost), `storage-failed` when it cannot be read or written.
 */
export function readOrCreateKey(path: string): string {
  const existing = readKey(path);
  if (existing !== null) return existing;
  try {
    writeOnce(path, randomBytes(32).toString('hex'));
  } catch (cause) {
    throw new LatchkeyError('storage-failed', `The key file "${path}" cannot be written; check its folder.`, { cause });
  }
  const created = readKey(path);
  if (created === null) throw new LatchkeyError('storage-failed', `The key file "${path}" vanished while it was made.`);
  return created;
}

function readKey(path: string): string | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (cause) {
    if (systemCodeOf(cause) === 'ENOENT') return null;
    throw new LatchkeyError('storage-failed', `The key file "${path}" cannot be read; check its rights.`, { cause });
  }
  if (!/^[0-9a-f]{64}$/.test(text)) {
    throw new LatchkeyError('storage-corrupt', `The file "${path}" holds no key of 64 hexadecimal digits; restore it.`);
  }
  return text;
}

/**
 * Puts a whole file at `path` unless one is there: written and flushed beside it, then linked, which never replaces.
 * @throws the file system's error, except that the file exists.
 */
export function writeOnce(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    const file = openSync(draft, 'wx', 0o600);
    try {
      writeSync(file, `${text}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    linkSync(draft, path);
    syncFolder(dirname(path));
  } catch (cause) {
    if (systemCodeOf(cause) !== 'EEXIST') throw cause;
  } finally {
    rmSync(draft, { force: true });
  }
}

function systemCodeOf(cause: unknown): unknown {
  return typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
