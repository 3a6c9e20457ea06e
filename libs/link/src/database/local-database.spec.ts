import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isLatchkeyError } from '@latchkey/domain';
import { type TemporaryFolder, temporaryFolder } from '@latchkey/testing';
import { LocalDatabase } from './local-database.ts';
import type { SqlArgument } from './sql-argument.ts';

const key = '5a'.repeat(32);
let folder: TemporaryFolder;
const open: LocalDatabase[] = [];

beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => {
  for (const database of open.splice(0)) database.close();
  folder.remove();
});

function openDatabase(options: { encryptionKeyHex?: string; maxBytes?: number } = {}): LocalDatabase {
  const database = LocalDatabase.open({ path: folder.file('db/local.db'), encryptionKeyHex: key, ...options });
  open.push(database);
  return database;
}

function codeOf(work: () => unknown): string {
  try {
    work();
    return 'no error';
  } catch (error) {
    return isLatchkeyError(error) ? error.code : String(error);
  }
}

/** Everything that lies in the database's folder, its write-ahead log included. */
function everythingOnDisk(): Buffer {
  const path = folder.file('db');
  return Buffer.concat(readdirSync(path).map((name) => readFileSync(join(path, name))));
}

describe('LocalDatabase', () => {
  it('leaves nothing readable on disk, neither in the log nor in the file', () => {
    const database = openDatabase();
    database.execute('CREATE TABLE secret_names (name TEXT, face BLOB)');
    for (let i = 0; i < 50; i++) {
      database.run('INSERT INTO secret_names VALUES (?, ?)', ['Ada Lovelace', Buffer.from('encoding-of-a-face')]);
    }
    const whileOpen = everythingOnDisk();
    database.close();
    for (const bytes of [whileOpen, everythingOnDisk()]) {
      expect(bytes.length).toBeGreaterThan(4096);
      for (const text of ['Ada Lovelace', 'encoding-of-a-face', 'secret_names', 'SQLite format 3']) {
        expect(bytes.includes(text)).toBe(false);
      }
    }
  });

  it('spills nothing into temporary files, which are not encrypted', () => {
    expect(openDatabase().get('PRAGMA temp_store')).toEqual({ temp_store: 2 });
  });

  it('is for its owner only', () => {
    openDatabase().execute('CREATE TABLE t (a)');
    expect(statSync(folder.file('db')).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(folder.file('db'))) {
      expect(statSync(folder.file(`db/${name}`)).mode & 0o777).toBe(0o600);
    }
  });

  it('gives back after reopening what was written', () => {
    const first = openDatabase();
    first.execute('CREATE TABLE t (a INTEGER, b TEXT, c REAL, d BLOB, e TEXT)');
    first.run('INSERT INTO t VALUES (?, ?, ?, ?, ?)', [2 ** 52, 'é☃', 0.1, new Uint8Array([0, 255, 7]), null]);
    first.close();
    const second = openDatabase();
    const row = second.get('SELECT *, typeof(a) AS type FROM t');
    expect(second.all('SELECT *, typeof(a) AS type FROM t')).toEqual([row]);
    expect(row).toEqual({
      a: 2 ** 52,
      b: 'é☃',
      c: 0.1,
      d: new Uint8Array([0, 255, 7]),
      e: null,
      type: 'integer',
    });
  });

  it('waits for the disk at every commit', () => {
    const database = openDatabase();
    expect(database.get('PRAGMA journal_mode')).toEqual({ journal_mode: 'wal' });
    expect(database.get('PRAGMA synchronous')).toEqual({ synchronous: 2 });
  });

  it('says storage-corrupt for another key and keeps the content for the right one', () => {
    const first = openDatabase();
    first.execute('CREATE TABLE t (a); INSERT INTO t VALUES (1)');
    first.close();
    expect(codeOf(() => openDatabase({ encryptionKeyHex: '00'.repeat(32) }))).toBe('storage-corrupt');
    expect(openDatabase().get('SELECT a FROM t')).toEqual({ a: 1 });
  });

  it.each([
    ['overwritten', (bytes: Buffer) => bytes.fill(7, 0, 4096)],
    ['a text file', () => Buffer.from('#!/bin/sh\necho this was never a database\n'.repeat(200))],
    ['cut in its first page', (bytes: Buffer) => bytes.subarray(0, 1000)],
  ])('says storage-corrupt for a file that is %s', (_, damage) => {
    const first = openDatabase();
    first.execute('CREATE TABLE t (a); INSERT INTO t VALUES (1)');
    first.close();
    writeFileSync(first.path, damage(readFileSync(first.path)));
    expect(codeOf(() => openDatabase())).toBe('storage-corrupt');
  });

  it('says storage-corrupt when a page in the middle is damaged and is read', () => {
    const first = openDatabase();
    first.execute('CREATE TABLE t (a TEXT)');
    first.transaction(() => {
      for (let i = 0; i < 200; i++) first.run('INSERT INTO t VALUES (?)', ['x'.repeat(500)]);
    });
    first.close();
    const bytes = readFileSync(first.path);
    writeFileSync(first.path, bytes.fill(7, 4096 * 3, 4096 * 20));
    expect(codeOf(() => openDatabase().all('SELECT * FROM t'))).toBe('storage-corrupt');
  });

  it('says storage-failed where no file can be', () => {
    writeFileSync(folder.file('not-a-folder'), '');
    const path = folder.file('not-a-folder/local.db');
    expect(codeOf(() => LocalDatabase.open({ path, encryptionKeyHex: key }))).toBe('storage-failed');
  });

  it.each(['', 'abc', key.toUpperCase(), `${key}00`])(
    'refuses the key %j, which would leave data in the clear',
    (bad) => {
      expect(codeOf(() => openDatabase({ encryptionKeyHex: bad }))).toBe('invalid-input');
    },
  );

  it('says storage-full at its limit, undoes the transaction and stays usable', () => {
    const database = openDatabase({ maxBytes: 40_960 });
    database.execute('CREATE TABLE t (a TEXT)');
    database.run('INSERT INTO t VALUES (?)', ['kept']);
    const fill = () =>
      database.transaction(() => {
        for (let i = 0; i < 100; i++) database.run('INSERT INTO t VALUES (?)', ['x'.repeat(1000)]);
      });
    expect(codeOf(fill)).toBe('storage-full');
    expect(database.all('SELECT a FROM t')).toEqual([{ a: 'kept' }]);
    database.run('INSERT INTO t VALUES (?)', ['still works']);
    expect(database.all('SELECT a FROM t')).toHaveLength(2);
  });

  it.each([
    ['a boolean', true],
    ['a date', new Date()],
    ['an object', { a: 1 }],
    ['undefined', undefined],
    ['not a number', Number.NaN],
    ['a text that libsql would cut', 'a\u0000b'],
    ['infinity', Number.POSITIVE_INFINITY],
    ['a number of more than 64 bits', 2n ** 64n],
  ])('refuses to bind %s instead of dying', (_, value) => {
    const database = openDatabase();
    // What a caller without types could hand over.
    const args = [value] as unknown as SqlArgument[];
    expect(codeOf(() => database.get('SELECT ? AS value', args))).toBe('invalid-input');
  });

  it('commits all of a transaction or nothing', () => {
    const database = openDatabase();
    database.execute('CREATE TABLE t (a)');
    const failing = () =>
      database.transaction(() => {
        database.run('INSERT INTO t VALUES (1)');
        throw new Error('no');
      });
    expect(failing).toThrow('no');
    expect(database.transaction(() => database.run('INSERT INTO t VALUES (2)'))).toBe(1);
    expect(database.all('SELECT a FROM t')).toEqual([{ a: 2 }]);
  });

  it('undoes only the inner one of two transactions when the outer one goes on', () => {
    const database = openDatabase();
    database.execute('CREATE TABLE t (a)');
    database.transaction(() => {
      database.run('INSERT INTO t VALUES (1)');
      const inner = () =>
        database.transaction(() => {
          database.run('INSERT INTO t VALUES (2)');
          throw new Error('inner');
        });
      expect(inner).toThrow('inner');
      database.transaction(() => database.run('INSERT INTO t VALUES (3)'));
    });
    expect(database.all('SELECT a FROM t ORDER BY a')).toEqual([{ a: 1 }, { a: 3 }]);
  });

  it('refuses work that waits, and rolls it back', () => {
    const database = openDatabase();
    database.execute('CREATE TABLE t (a)');
    expect(codeOf(() => database.transaction(async () => database.run('INSERT INTO t VALUES (1)')))).toBe('internal');
    expect(database.all('SELECT a FROM t')).toEqual([]);
  });

  it('can be closed twice and then refuses work', () => {
    const database = openDatabase();
    database.close();
    database.close();
    expect(codeOf(() => database.get('SELECT 1 AS one'))).toBe('internal');
  });
});
