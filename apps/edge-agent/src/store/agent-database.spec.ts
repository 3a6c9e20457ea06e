import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { freeAccess, LatchkeyError } from '@latchkey/domain';
import { type TemporaryFolder, temporaryFolder } from '@latchkey/testing';
import { openAgentDatabase } from './agent-database.ts';
import { GalleryRepository } from './gallery.repository.ts';
import { SettingsRepository } from './settings.repository.ts';

describe("the agent's database", () => {
  let folder: TemporaryFolder;

  beforeEach(() => {
    folder = temporaryFolder();
  });

  afterEach(() => folder.remove());

  /** A database with a floor for the clock in it, and enough beside it that most pages are not the first. */
  function fill(): void {
    const { database } = openAgentDatabase(folder.path, 'x', () => null);
    const settings = new SettingsRepository(database);
    settings.write('desired-config', 'x'.repeat(100_000));
    settings.write('clock-floor', 42);
    database.close();
  }

  function floor(stamp = 'x'): { floor: unknown; movedAside: string | null } {
    const { database, movedAside } = openAgentDatabase(folder.path, stamp, () => null);
    const row = database.get(`SELECT value FROM setting WHERE name = 'clock-floor'`);
    database.close();
    return { floor: row?.value, movedAside: movedAside?.path ?? null };
  }

  function damage(from: number, to: number): void {
    const path = folder.file('data/agent.db');
    const bytes = readFileSync(path);
    for (let i = Math.floor(bytes.length * from); i < bytes.length * to; i++) bytes[i] = (bytes[i] ?? 0) ^ 0x5a;
    writeFileSync(path, bytes);
  }

  it('keeps what was written, with its key in another folder', () => {
    fill();
    expect(floor()).toEqual({ floor: '42', movedAside: null });
    expect(readdirSync(folder.file('keys'))).toEqual(['agent.key']);
    expect(readFileSync(folder.file('data/agent.db')).includes('clock-floor')).toBe(false);
  });

  it.each([
    ['its beginning', 0, 0.05],
    ['its middle', 0.4, 0.6],
    ['all of it', 0, 1],
  ])('is moved aside and begun anew when %s is damaged', (_, from, to) => {
    fill();
    damage(from, to);
    const aside = folder.file('data/agent.db.corrupt-now');
    expect(floor('now')).toEqual({ floor: undefined, movedAside: aside });
    expect(existsSync(aside)).toBe(true);
    expect(floor()).toEqual({ floor: undefined, movedAside: null });
  });

  it('is moved aside when its key was lost', () => {
    fill();
    writeFileSync(folder.file('keys/agent.key'), `${'0'.repeat(64)}\n`);
    expect(floor('now').movedAside).toBe(folder.file('data/agent.db.corrupt-now'));
  });

  it('is moved aside when whoever uses it finds it damaged', () => {
    fill();
    let attempts = 0;
    const { database, prepared, movedAside } = openAgentDatabase(folder.path, 'now', () => {
      attempts++;
      if (attempts === 1) throw new LatchkeyError('storage-corrupt', 'The outbox is damaged.');
      return 'fresh';
    });
    database.close();
    expect([prepared, movedAside?.reason]).toEqual(['fresh', 'The outbox is damaged.']);
  });

  it('keeps what an agent of the first version wrote, and takes what binds a person', () => {
    const { database } = openAgentDatabase(folder.path, 'x', () => null);
    database.execute('ALTER TABLE gallery_person DROP COLUMN access');
    database.run(`UPDATE setting SET value = '1' WHERE name = 'schema-version'`);
    database.run(`INSERT INTO gallery_person VALUES ('staff', 1, 'ada', 'Ada', 0)`);
    database.close();
    const reopened = openAgentDatabase(folder.path, 'x', () => null);
    const repository = new GalleryRepository(reopened.database);
    const bound = { ...freeAccess, scheduleId: 'mornings' };
    repository.stage('staff', 1, [{ personId: 'eve', name: 'Eve', always: false, access: bound }], []);
    const { persons } = repository.content('staff', 1);
    reopened.database.close();
    expect(reopened.movedAside).toBeNull();
    expect([...persons.values()]).toEqual([
      { personId: 'ada', name: 'Ada', always: false },
      { personId: 'eve', name: 'Eve', always: false, access: bound },
    ]);
  });

  it('is left alone when it is of a newer version', () => {
    const { database } = openAgentDatabase(folder.path, 'x', () => null);
    database.run(`UPDATE setting SET value = '99' WHERE name = 'schema-version'`);
    database.close();
    expect(() => floor()).toThrow(expect.objectContaining({ code: 'storage-failed' }));
    expect(readdirSync(folder.file('data')).some((name) => name.includes('corrupt'))).toBe(false);
  });
});
