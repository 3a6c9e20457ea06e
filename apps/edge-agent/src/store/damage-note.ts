import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { LatchkeyError } from '@latchkey/domain';
import { z } from 'zod';

const damageNote = z.strictObject({
  /** What was found, for people. */
  reason: z.string(),
  /** Where the database is being moved; null when it still has to be, or was. */
  movingTo: z.string().nullable(),
  /** Databases that were moved and have not been read out yet, oldest first. */
  moved: z.array(z.string()),
  /** How often it was begun to read them out. */
  attempts: z.number().int().min(0),
});

/**
 * What the next start must know of a damaged database, in a file beside it: the damage may show only where a certain page is
 * read, and the recovery itself may be interrupted at any point.
 */
export type DamageNote = Readonly<z.infer<typeof damageNote>>;

/** Where the note about a database's damage lies. */
export function damageNotePath(databasePath: string): string {
  return `${databasePath}.damaged`;
}

/** Nothing but the damage is known. */
export function newDamageNote(reason: string): DamageNote {
  return { reason, movingTo: null, moved: [], attempts: 0 };
}

/** The note of a file, null when there is none. One that cannot be read still says that there was damage. */
export function readDamageNote(path: string): DamageNote | null {
  if (!existsSync(path)) return null;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new LatchkeyError('storage-failed', `"${path}" cannot be read; check its rights.`, { cause });
  }
  try {
    return damageNote.parse(JSON.parse(text));
  } catch {
    return newDamageNote('Its note of the damage cannot be read.');
  }
}

/**
 * Puts the note on disk in the place of the one before, all of it or nothing.
 * @throws LatchkeyError `storage-failed`.
 */
export function writeDamageNote(path: string, note: DamageNote): void {
  try {
    const draft = `${path}.tmp`;
    const file = openSync(draft, 'w', 0o600);
    try {
      writeSync(file, JSON.stringify(note));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(draft, path);
    syncFolder(dirname(path));
  } catch (cause) {
    throw new LatchkeyError('storage-failed', `"${path}" cannot be written; check its folder and free disk space.`, {
      cause,
    });
  }
}

/** There is nothing to know any more. */
export function removeDamageNote(path: string): void {
  rmSync(path, { force: true });
}

/** Puts renames and removals in a folder on disk. */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
