import { renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isLatchkeyError, LatchkeyError } from '@latchkey/domain';
import { LocalDatabase, readOrCreateKey } from '@latchkey/link';
import { z } from 'zod';

const schemaVersion = 2;

/** What brings a database of an older version one version further, by the version that it has. */
const steps: Readonly<Record<number, string>> = {
  1: 'ALTER TABLE gallery_person ADD COLUMN access TEXT;',
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
  content_hash TEXT NOT NULL
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

/** The agent's database and what became of the one that was there. */
export interface OpenedAgentDatabase<T> {
  readonly database: LocalDatabase;
  /** What `prepare` made of it. */
  readonly prepared: T;
  /** Where a damaged database was moved, null when the present one is whole. */
  readonly movedAside: { readonly path: string; readonly reason: string } | null;
}

/**
 * Opens `DIR/data/agent.db`, encrypted with the key in `DIR/keys/agent.key`, and makes its tables. A database that is
 * damaged or locked with another key is moved aside, never deleted, and a new one begun: a device that cannot start
 * helps nobody, and galleries come again from central. What only it knew, unsent events, can still be read by hand.
 * @param stamp part of the name of a database that is moved aside.
 * @param prepare what else must be readable of it; `storage-corrupt` from here counts like damage found at opening.
 * @throws LatchkeyError `storage-failed` when the folder cannot be written, `storage-corrupt` for a key file without key.
 */
export function openAgentDatabase<T>(
  agentDir: string,
  stamp: string,
  prepare: (database: LocalDatabase) => T,
): OpenedAgentDatabase<T> {
  const encryptionKeyHex = readOrCreateKey(join(agentDir, 'keys', 'agent.key'));
  const path = join(agentDir, 'data', 'agent.db');
  try {
    return { ...openWhole(path, encryptionKeyHex, prepare), movedAside: null };
  } catch (cause) {
    if (!isLatchkeyError(cause, 'storage-corrupt')) throw cause;
    const aside = `${path}.corrupt-${stamp}`;
    moveAside(path, aside);
    return {
      ...openWhole(path, encryptionKeyHex, prepare),
      movedAside: { path: aside, reason: cause.message },
    };
  }
}

function openWhole<T>(path: string, encryptionKeyHex: string, prepare: (database: LocalDatabase) => T) {
  const database = LocalDatabase.open({ path, encryptionKeyHex });
  try {
    assertWhole(database);
    migrate(database);
    return { database, prepared: prepare(database) };
  } catch (cause) {
    database.close();
    throw cause;
  }
}

/** Damage beyond the first page shows only where pages are read: SQLite's own check reads all of them once. */
function assertWhole(database: LocalDatabase): void {
  if (statSync(database.path).size > maxCheckedBytes) return;
  const answer = z.object({ quick_check: z.string() }).safeParse(database.get('PRAGMA quick_check(1)'));
  if (!answer.success || answer.data.quick_check !== 'ok') {
    throw new LatchkeyError('storage-corrupt', 'The database does not pass its check; it is moved aside.', {
      details: { check: answer.success ? answer.data.quick_check : null },
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
      database.execute(step);
      database.run(`UPDATE setting SET value = ? WHERE name = 'schema-version'`, [String(version + 1)]);
    });
  }
}

function versionOf(database: LocalDatabase): number {
  const row = database.get(`SELECT value FROM setting WHERE name = 'schema-version'`);
  return Number(z.object({ value: z.string() }).parse(row).value);
}

function moveAside(path: string, aside: string): void {
  for (const suffix of ['', '-wal', '-shm']) {
    try {
      renameSync(path + suffix, aside + suffix);
    } catch (cause) {
      if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') continue;
      throw new LatchkeyError('storage-failed', `The damaged database "${path}" cannot be moved aside.`, { cause });
    }
  }
}
