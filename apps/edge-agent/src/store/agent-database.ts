import { statSync } from 'node:fs';
import { join } from 'node:path';
import { isLatchkeyError, LatchkeyError } from '@latchkey/domain';
import { LocalDatabase, readOrCreateKey, storedText, textOf } from '@latchkey/link';
import { z } from 'zod';
import { damageNotePath, newDamageNote, readDamageNote, writeDamageNote } from './damage-note.ts';
import { type OpenedAgentDatabase, recover, type TakeOver } from './database-recovery.ts';
import { SettingsRepository } from './settings.repository.ts';
import { addHeadHashes } from './stored-head.ts';

const schemaVersion = 3;

/** What brings a database of an older version one version further, by the version that it has. */
const steps: Readonly<Record<number, (database: LocalDatabase) => void>> = {
  1: (database) => database.execute('ALTER TABLE gallery_person ADD COLUMN access TEXT'),
  2: addHeadHashes,
};
/** Larger databases are not read whole at start (a long outbox would keep the door waiting): about a second of reading. */
const maxCheckedBytes = 256 * 1024 * 1024;

const schema = `
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE gallery_head (
  group_id TEXT PRIMARY KEY,
  generation INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  log_hash TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  row_hash TEXT
) WITHOUT ROWID;
CREATE TABLE gallery_person (
  group_id TEXT NOT NULL,
  generation INTEGER NOT NULL,
  person_id TEXT NOT NULL,
  name TEXT NOT NULL,
  always INTEGER NOT NULL,
  access TEXT,
  PRIMARY KEY (group_id, generation, person_id)
) WITHOUT ROWID;
CREATE TABLE gallery_encoding (
  group_id TEXT NOT NULL,
  generation INTEGER NOT NULL,
  encoding_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  model_id TEXT NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (group_id, generation, encoding_id)
) WITHOUT ROWID;
CREATE INDEX gallery_encoding_by_person ON gallery_encoding (group_id, generation, person_id);
INSERT INTO setting (name, value) VALUES ('schema-version', '${schemaVersion}');
`;

/**
 * Opens `DIR/data/agent.db`, encrypted with the key in `DIR/keys/agent.key`, and makes its tables. A database that is
 * damaged, now or as {@link noteDamage} has told, or locked with another key is moved aside and a new one begun, into which goes
 * what can be read of it: a device that cannot start helps nobody, and galleries come again from central. A power cut during
 * this is no matter: the next start goes on with it.
 * @param stamp part of the name of a database that is moved aside.
 * @param prepare what else must be readable of it; `storage-corrupt` from here counts like damage found at opening.
 * @param takeOver what else is to be saved of a damaged one, read row by row; says what became of it, twice if it must.
 * @throws LatchkeyError `storage-failed` when the folder cannot be written, `storage-full`, `storage-corrupt` for a key file
 * without key.
 */
export function openAgentDatabase<T>(
  agentDir: string,
  stamp: string,
  prepare: (database: LocalDatabase) => T,
  takeOver: TakeOver<T> = () => ({ isComplete: false, summary: '' }),
): OpenedAgentDatabase<T> {
  const encryptionKeyHex = readOrCreateKey(join(agentDir, 'keys', 'agent.key'));
  const path = databasePath(agentDir);
  const open = () => openWhole(path, encryptionKeyHex, prepare);
  const note = readDamageNote(damageNotePath(path));
  if (note) return recover({ path, stamp, encryptionKeyHex, open, takeOver }, note);
  try {
    return { ...open(), movedAside: null };
  } catch (cause) {
    if (!isLatchkeyError(cause, 'storage-corrupt')) throw cause;
    return recover({ path, stamp, encryptionKeyHex, open, takeOver }, newDamageNote(cause.message));
  }
}

/**
 * Tells the next {@link openAgentDatabase} that the database was found damaged while it was in use.
 * @throws LatchkeyError `storage-failed`: then only the check at the start can find it again.
 */
export function noteDamage(agentDir: string, reason: string): void {
  writeDamageNote(damageNotePath(databasePath(agentDir)), newDamageNote(reason));
}

function databasePath(agentDir: string): string {
  return join(agentDir, 'data', 'agent.db');
}

function openWhole<T>(path: string, encryptionKeyHex: string, prepare: (database: LocalDatabase) => T) {
  const database = LocalDatabase.open({ path, encryptionKeyHex });
  try {
    assertWhole(database);
    migrate(database);
    new SettingsRepository(database).assertReadable();
    return { database, prepared: prepare(database) };
  } catch (cause) {
    database.close();
    throw cause;
  }
}

/**
 * Damage beyond the first page shows only where pages are read: SQLite's own check reads all of them once, and compares tables
 * with their indexes. What it says and what it found are read as bytes, see `textOf`.
 */
function assertWhole(database: LocalDatabase): void {
  if (statSync(database.path).size > maxCheckedBytes) return;
  const row = database.get(`SELECT CAST(integrity_check AS BLOB) AS said FROM pragma_integrity_check(1)`);
  const said = z.object({ said: storedText }).safeParse(row).data?.said ?? null;
  if (said !== 'ok') {
    throw new LatchkeyError('storage-corrupt', 'The database does not pass its check; it is moved aside.', {
      details: { check: said },
    });
  }
}

function migrate(database: LocalDatabase): void {
  const exists = database.get(`SELECT 1 AS found FROM sqlite_schema WHERE name = 'setting'`);
  if (!exists) database.transaction(() => database.execute(schema));
  for (;;) {
    const version = versionOf(database);
    if (version === schemaVersion) return;
    const step = steps[version];
    if (step === undefined) {
      throw new LatchkeyError(
        'storage-failed',
        `The database has schema version ${version}, this agent knows ${schemaVersion}; run the agent that wrote it.`,
      );
    }
    database.transaction(() => {
      step(database);
      database.run(`UPDATE setting SET value = ? WHERE name = 'schema-version'`, [String(version + 1)]);
    });
  }
}

function versionOf(database: LocalDatabase): number {
  const row = database.get(`SELECT ${textOf('value')} FROM setting WHERE name = 'schema-version'`);
  const version = z.object({ value: storedText }).safeParse(row);
  if (!version.success) throw new LatchkeyError('storage-corrupt', 'The database does not say which version it has.');
  return Number(version.data.value);
}
