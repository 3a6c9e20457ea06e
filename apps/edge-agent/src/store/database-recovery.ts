import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isLatchkeyError, LatchkeyError } from '@latchkey/domain';
import { LocalDatabase, storedText, textOf } from '@latchkey/link';
import { z } from 'zod';
import { type DamageNote, damageNotePath, removeDamageNote, syncFolder, writeDamageNote } from './damage-note.ts';
import { type SettingName, SettingsRepository } from './settings.repository.ts';

/** The agent's database and what became of the one that was there. */
export interface OpenedAgentDatabase<T> {
  readonly database: LocalDatabase;
  /** What `prepare` made of it. */
  readonly prepared: T;
  /** What became of a damaged one; null when the present one is whole. */
  readonly movedAside: MovedDatabase | null;
}

/** A damaged database that gave way to a new one. */
export interface MovedDatabase {
  /** What was found. */
  readonly reason: string;
  /** What was saved of it. */
  readonly salvage: string;
  /** Where it lies now, null when all of it was saved and it was removed. */
  readonly path: string | null;
}

/** What was saved of a damaged database, one sentence; complete when nothing was lost. */
export interface Salvage {
  readonly isComplete: boolean;
  readonly summary: string;
}

/**
 * Saves what can be read of a damaged database into what `prepare` made of the new one, all or nothing.
 * @throws LatchkeyError `storage-full` or `storage-failed` of the new one: it is tried again at the next start.
 */
export type TakeOver<T> = (prepared: T, damaged: LocalDatabase) => Salvage;

/** What a recovery works with. */
export interface Recovery<T> {
  readonly path: string;
  readonly stamp: string;
  readonly encryptionKeyHex: string;
  readonly open: () => { readonly database: LocalDatabase; readonly prepared: T };
  readonly takeOver: TakeOver<T>;
}

const suffixes = ['', '-wal', '-shm'];
/** A file that has ended the process so often while it was read is left alone. */
const maxAttempts = 3;
/** A clock floor is written before the file's last write; the file system's time may be a little coarser. */
const floorSlackMs = 60_000;

/** Moves the damaged database aside, begins a new one and saves what can be read of the old; goes on where it was interrupted. */
export function recover<T>(recovery: Recovery<T>, found: DamageNote): OpenedAgentDatabase<T> {
  const { path, open } = recovery;
  const note = found.moved.length > 0 ? finishMove(path, found) : moveAway(recovery, found);
  let opened: ReturnType<typeof open>;
  let last = note;
  try {
    opened = open();
  } catch (cause) {
    // The new one is damaged as well, before the old was read out.
    if (!isLatchkeyError(cause, 'storage-corrupt') || found.moved.length === 0) throw cause;
    last = moveAway(recovery, { ...note, reason: cause.message });
    opened = open();
  }
  try {
    const salvage = saveAll(recovery, opened, last);
    removeDamageNote(damageNotePath(path));
    return { ...opened, movedAside: { reason: last.reason, salvage, path: last.moved.find(existsSync) ?? null } };
  } catch (cause) {
    opened.database.close();
    throw cause;
  }
}

function moveAway<T>({ path, stamp }: Recovery<T>, note: DamageNote): DamageNote {
  const moving = { ...note, movingTo: note.movingTo ?? freeName(`${path}.corrupt-${stamp}`) };
  writeDamageNote(damageNotePath(path), moving);
  return finishMove(path, moving);
}

/** While the note names where to, whatever lies at `path` is the damaged database. */
function finishMove(path: string, note: DamageNote): DamageNote {
  if (note.movingTo === null) return note;
  for (const suffix of suffixes) {
    try {
      if (existsSync(path + suffix)) renameSync(path + suffix, note.movingTo + suffix);
    } catch (cause) {
      throw new LatchkeyError('storage-failed', `The damaged database "${path}" cannot be moved aside.`, { cause });
    }
  }
  syncFolder(dirname(path));
  const moved = { ...note, movingTo: null, moved: [...note.moved, note.movingTo] };
  writeDamageNote(damageNotePath(path), moved);
  return moved;
}

function freeName(name: string): string {
  for (let i = 1; ; i++) {
    const candidate = i === 1 ? name : `${name}-${i}`;
    if (!existsSync(candidate)) return candidate;
  }
}

function saveAll<T>(recovery: Recovery<T>, opened: { database: LocalDatabase; prepared: T }, note: DamageNote): string {
  if (note.attempts >= maxAttempts) return 'It cannot be read without ending the agent; nothing of it was saved.';
  const notePath = damageNotePath(recovery.path);
  writeDamageNote(notePath, { ...note, attempts: note.attempts + 1 });
  try {
    const saved = note.moved.map((moved) => ({ moved, ...save(recovery, opened, moved) }));
    for (const { moved, isComplete } of saved) if (isComplete) remove(moved);
    forgetOlder(recovery.path, note.moved);
    return saved.map(({ summary }) => summary).join(' ');
  } catch (cause) {
    // A full disk is no fault of the file; anything else would be the same at the next start.
    if (!isLatchkeyError(cause, 'storage-full') && !isLatchkeyError(cause, 'storage-failed')) {
      return `Nothing of it was saved: ${cause instanceof Error ? cause.message : String(cause)}`;
    }
    writeDamageNote(notePath, note);
    throw cause;
  }
}

function save<T>(
  { encryptionKeyHex, takeOver }: Recovery<T>,
  { database, prepared }: { database: LocalDatabase; prepared: T },
  moved: string,
): Salvage {
  let damaged: LocalDatabase;
  const lastWrittenMs = Math.max(
    ...suffixes.map((suffix) => statSync(moved + suffix, { throwIfNoEntry: false })?.mtimeMs ?? 0),
  );
  try {
    damaged = LocalDatabase.open({ path: moved, encryptionKeyHex });
  } catch (cause) {
    if (!isLatchkeyError(cause)) throw cause;
    return { isComplete: false, summary: 'Nothing of it can be read.' };
  }
  try {
    saveSettings(damaged, new SettingsRepository(database), lastWrittenMs);
    return takeOver(prepared, damaged);
  } finally {
    damaged.close();
  }
}

/**
 * The settings that make the door stricter. The configuration comes again from central, signed; a lost floor of the clock
 * falls back to the build date, a lost memory of the door begins anew.
 */
function saveSettings(damaged: LocalDatabase, settings: SettingsRepository, lastWrittenMs: number): void {
  const floor = z.number().safeParse(readSetting(damaged, 'clock-floor')).data;
  if (floor !== undefined && floor <= lastWrittenMs + floorSlackMs) settings.write('clock-floor', floor);
  const memory = readSetting(damaged, 'door-memory');
  if (memory !== undefined) settings.write('door-memory', memory);
}

function readSetting(damaged: LocalDatabase, name: SettingName): unknown {
  try {
    const row = damaged.get(`SELECT ${textOf('value')} FROM setting WHERE name = ?`, [name]);
    return row && JSON.parse(z.object({ value: storedText }).parse(row).value);
  } catch {
    return undefined;
  }
}

/** Of databases that could not be saved whole the newest is kept for people; they hold encodings, which an erasure must reach. */
function forgetOlder(path: string, kept: readonly string[]): void {
  const folder = dirname(path);
  const isOlder = (name: string) =>
    name.startsWith(`${basename(path)}.corrupt-`) && !kept.some((moved) => name.startsWith(basename(moved)));
  for (const name of readdirSync(folder).filter(isOlder)) rmSync(join(folder, name), { force: true });
}

function remove(moved: string): void {
  for (const suffix of suffixes) rmSync(moved + suffix, { force: true });
}
