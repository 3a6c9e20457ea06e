import { randomBytes, randomUUID } from 'node:crypto';
import { copyFileSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { droppedBody, type EventEnvelope } from '@latchkey/contracts';
import { contentHashOfRows, freeAccess, inRanges, LatchkeyError } from '@latchkey/domain';
import { LocalDatabase, Outbox } from '@latchkey/link';
import { ManualClock, type TemporaryFolder, temporaryFolder } from '@latchkey/testing';
import { z } from 'zod';
import { noteDamage, openAgentDatabase } from './agent-database.ts';
import type { TakeOver } from './database-recovery.ts';
import { GalleryRepository } from './gallery.repository.ts';
import { saveOutbox } from './saved-outbox.ts';
import { SettingsRepository } from './settings.repository.ts';

function newOutbox(database: LocalDatabase): Outbox {
  const outbox = new Outbox({ database, clock: new ManualClock(), randomBytes });
  outbox.open();
  return outbox;
}

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
    settings.write('clock-floor', 42);
    const values = Float32Array.from({ length: 512 }, Math.random);
    const encodings = Array.from({ length: 50 }, (_, i) => ({
      encodingId: `${i}`,
      personId: 'ada',
      modelId: 'any',
      values,
    }));
    new GalleryRepository(database).stage('staff', 1, [], encodings);
    database.close();
  }

  function floor(stamp = 'x'): { floor: unknown; movedAside: string | null } {
    const { database, movedAside } = openAgentDatabase(folder.path, stamp, () => null);
    const floor = new SettingsRepository(database).read('clock-floor', z.number());
    database.close();
    return { floor, movedAside: movedAside?.path ?? null };
  }

  function damage(from: number, to: number): void {
    const path = folder.file('data/agent.db');
    const bytes = readFileSync(path);
    for (let i = Math.floor(bytes.length * from); i < bytes.length * to; i++) bytes[i] = (bytes[i] ?? 0) ^ 0x5a;
    writeFileSync(path, bytes);
  }

  it('keeps what was written, with its key in another folder', () => {
    fill();
    expect(floor()).toEqual({ floor: 42, movedAside: null });
    expect(readdirSync(folder.file('keys'))).toEqual(['agent.key']);
    expect(readFileSync(folder.file('data/agent.db')).includes('clock-floor')).toBe(false);
  });

  it.each([
    ['its beginning', 0, 0.05],
    ['all of it', 0, 1],
  ])('is moved aside and begun anew when %s is damaged', (_, from, to) => {
    fill();
    damage(from, to);
    const aside = folder.file('data/agent.db.corrupt-now');
    expect(floor('now')).toEqual({ floor: null, movedAside: aside });
    expect(existsSync(aside)).toBe(true);
    expect(floor()).toEqual({ floor: null, movedAside: null });
  });

  it('keeps the floor of the clock when a page elsewhere is damaged, but not one that its file is older than', () => {
    fill();
    damage(0.6, 0.9);
    expect(floor('now')).toEqual({ floor: 42, movedAside: folder.file('data/agent.db.corrupt-now') });
    const { database } = openAgentDatabase(folder.path, 'x', () => null);
    new SettingsRepository(database).write('clock-floor', Date.now() + 86_400_000);
    database.close();
    noteDamage(folder.path, 'A page could not be read.');
    expect(floor('later').floor).toBeNull();
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
    database.execute('ALTER TABLE gallery_person DROP COLUMN access; ALTER TABLE gallery_head DROP COLUMN row_hash');
    database.run(`INSERT INTO gallery_head VALUES ('staff', 1, 2, 3, 'log', 'content')`);
    database.run(`UPDATE setting SET value = '1' WHERE name = 'schema-version'`);
    database.run(`INSERT INTO gallery_person VALUES ('staff', 1, 'ada', 'Ada', 0)`);
    database.close();
    const reopened = openAgentDatabase(folder.path, 'x', () => null);
    const repository = new GalleryRepository(reopened.database);
    const bound = { ...freeAccess, scheduleId: 'mornings' };
    repository.stage('staff', 1, [{ personId: 'eve', name: 'Eve', always: false, access: bound }], []);
    const { persons } = repository.content('staff', 1);
    const head = { groupId: 'staff', generation: 1, epoch: 2, revision: 3, logHash: 'log', contentHash: 'content' };
    expect(repository.heads()).toEqual([{ ...head, intact: true }]);
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

  it('is left alone when its outbox is of a newer version', () => {
    const { database, prepared } = openAgentDatabase(folder.path, 'x', newOutbox, saveOutbox);
    prepared.append({
      kind: 'health',
      body: { state: 'started', message: '' },
      clockOffsetMs: null,
      clockTrusted: false,
    });
    prepared.close();
    database.run(`UPDATE outbox_meta SET value = 99 WHERE name = 'schema-version'`);
    database.close();
    const file = readFileSync(folder.file('data/agent.db'));
    const open = () => openAgentDatabase(folder.path, 'x', newOutbox, saveOutbox);
    expect(open).toThrow(expect.objectContaining({ code: 'storage-failed' }));
    expect(readdirSync(folder.file('data')).some((name) => name.includes('corrupt'))).toBe(false);
    expect(readFileSync(folder.file('data/agent.db'))).toEqual(file);
  });

  /** Twenty events that wait, a gallery, the floor of the clock; as one closed file. */
  function fillAll(): { pending: EventEnvelope[]; contentHash: string } {
    const { database, prepared } = openAgentDatabase(folder.path, 'x', newOutbox, saveOutbox);
    const pending = Array.from({ length: 60 }, (_, i) =>
      prepared.append({
        kind: 'health',
        body: { state: 'started', message: `${i} ${'x'.repeat(i * 9)}` },
        clockOffsetMs: null,
        clockTrusted: false,
      }),
    );
    const repository = new GalleryRepository(database);
    const persons = Array.from({ length: 8 }, (_, i) => ({
      personId: randomUUID(),
      name: `Person ${i}`,
      always: false,
    }));
    const encodings = persons.map(({ personId }) => ({
      encodingId: randomUUID(),
      personId,
      modelId: 'scripted',
      values: Float32Array.from({ length: 128 }, Math.random),
    }));
    repository.stage('staff', 1, persons, encodings);
    const contentHash = contentHashOfRows(repository.content('staff', 1));
    repository.swap({ groupId: 'staff', generation: 1, epoch: 1, revision: 8, logHash: 'x', contentHash });
    new SettingsRepository(database).write('clock-floor', 42);
    prepared.close();
    database.close();
    return { pending, contentHash };
  }

  /** All files of a database: its write-ahead log belongs to it. */
  function move(from: string, to: string, how: (from: string, to: string) => void = renameSync): void {
    for (const suffix of ['', '-wal', '-shm']) if (existsSync(from + suffix)) how(from + suffix, to + suffix);
  }

  it('opens whichever byte of a page is flipped: events are sent or declared, the gallery is the one that was written or none', () => {
    const { pending, contentHash } = fillAll();
    const path = folder.file('data/agent.db');
    const whole = readFileSync(path);
    const found = { moved: 0, unmoved: 0, saved: 0, lost: 0 };
    for (let page = 0; page < whole.length / 4096; page++) {
      for (const offset of [3, 2_000]) {
        const bytes = Buffer.from(whole);
        const at = page * 4096 + offset;
        bytes[at] = (bytes[at] ?? 0) ^ 0x5a;
        for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
        writeFileSync(path, bytes);
        const { database, prepared, movedAside } = openAgentDatabase(folder.path, `${at}`, newOutbox, saveOutbox);
        try {
          prepared.pending({ limit: 1_000 });
          const there = prepared.pending({ limit: 1_000 }).map(({ envelope }) => envelope);
          const gaps = there
            .filter(({ kind }) => kind === 'dropped')
            .flatMap(({ body, streamId }) => {
              const { from, to, streams } = droppedBody.parse(body);
              return streams ?? [{ streamId, ranges: [[from, to] as const] }];
            });
          const undeclared = pending.filter(
            ({ id, streamId, seq }) =>
              !there.some((event) => event.id === id) &&
              !gaps.some((gap) => gap.streamId === streamId && inRanges(gap.ranges, seq)),
          );
          const isReadable = movedAside?.salvage !== 'Nothing of it can be read.';
          expect({ at, undeclared: isReadable ? undeclared.length : 0 }).toEqual({ at, undeclared: 0 });
          found[movedAside ? 'moved' : 'unmoved']++;
          found.saved += there.filter(({ id }) => pending.some((event) => event.id === id)).length;
          const repository = new GalleryRepository(database);
          for (const { intact, ...head } of repository.heads()) {
            if (!intact) continue;
            expect(head).toEqual({ groupId: 'staff', generation: 1, epoch: 1, revision: 8, logHash: 'x', contentHash });
            let hash: string | null = null;
            try {
              hash = contentHashOfRows(repository.content('staff', head.generation));
            } catch {
              // Rows that cannot be read: the agent drops the gallery and asks for it.
            }
            if (head.contentHash === hash) expect(hash).toBe(contentHash);
          }
        } finally {
          prepared.close();
          database.close();
        }
      }
    }
    expect(found.moved).toBeGreaterThan(12);
    expect(found.unmoved).toBeGreaterThan(3);
    expect(found.saved / (found.moved + found.unmoved)).toBeGreaterThan(45);
    // One copy at most is kept for people: each holds encodings.
    expect(readdirSync(folder.file('data')).filter((name) => name.includes('corrupt')).length).toBeLessThanOrEqual(3);
  });

  it.each([
    'generation = generation + 1',
    'epoch = epoch + 1',
    'revision = revision + 1000',
    `log_hash = 'y'`,
    `content_hash = 'y'`,
    `group_id = 'stafg'`,
    'row_hash = NULL',
    `row_hash = 'y'`,
  ])('knows a head of a gallery that damage has changed: %s', (change) => {
    fillAll();
    const { database } = openAgentDatabase(folder.path, 'x', () => null);
    const repository = new GalleryRepository(database);
    expect(repository.heads()).toMatchObject([{ revision: 8, intact: true }]);
    database.execute(`UPDATE gallery_head SET ${change}`);
    expect(repository.heads()).toMatchObject([{ intact: false }]);
    database.close();
  });

  it('is noted as damaged when a head of a gallery or a page of it cannot be read, and is neither read nor written from then on', () => {
    fillAll();
    const { database } = openAgentDatabase(folder.path, 'x', () => null);
    // What a damaged page leaves of a text: libsql would end the process if it were read as such.
    database.execute(`UPDATE gallery_head SET content_hash = CAST(x'c328' AS TEXT)`);
    const told: string[] = [];
    database.endOnDamage(({ message }) => void told.push(message));
    const heads = () => new GalleryRepository(database).heads();
    expect(heads).toThrow(expect.objectContaining({ code: 'storage-corrupt' }));
    expect(heads).toThrow('The head of a gallery cannot be read.');
    expect(() => new SettingsRepository(database).write('clock-floor', 1)).toThrow(
      'The head of a gallery cannot be read.',
    );
    expect(told).toEqual(['The head of a gallery cannot be read.']);
    database.close();
  });

  it('goes on with a recovery that was interrupted, at whichever step', () => {
    const { pending } = fillAll();
    const path = folder.file('data/agent.db');
    const note = (content: object) => writeFileSync(`${path}.damaged`, JSON.stringify(content));
    const sent = () => {
      const { database, prepared, movedAside } = openAgentDatabase(folder.path, 'now', newOutbox, saveOutbox);
      const ids = prepared.pending({ limit: 1_000 }).map(({ envelope }) => envelope.id);
      prepared.close();
      database.close();
      return { ids, reason: movedAside?.reason };
    };
    const all = { ids: pending.map(({ id }) => id), reason: 'Flipped.' };
    const aside = folder.file('data/agent.db.corrupt-before');

    // Noted, not moved yet.
    noteDamage(folder.path, 'Flipped.');
    expect(sent()).toEqual(all);
    // Moved, the note not yet changed.
    move(path, aside);
    note({ reason: 'Flipped.', movingTo: aside, moved: [], attempts: 0 });
    expect(sent()).toEqual(all);
    // Moved, a new one begun, nothing saved.
    move(path, aside);
    openAgentDatabase(folder.path, 'x', newOutbox).database.close();
    note({ reason: 'Flipped.', movingTo: null, moved: [aside], attempts: 1 });
    expect(sent()).toEqual(all);
    // All saved, the note not yet removed.
    move(path, aside, copyFileSync);
    note({ reason: 'Flipped.', movingTo: null, moved: [aside], attempts: 1 });
    expect(sent()).toEqual(all);
    expect(sent()).toEqual({ ...all, reason: undefined });
    expect(readdirSync(folder.file('data')).filter((name) => !name.startsWith('agent.db-'))).toEqual(['agent.db']);
  });

  it('is begun anew without the old content when reading that has ended the agent three times', () => {
    fillAll();
    const path = folder.file('data/agent.db');
    const aside = folder.file('data/agent.db.corrupt-before');
    move(path, aside);
    writeFileSync(
      `${path}.damaged`,
      JSON.stringify({ reason: 'Flipped.', movingTo: null, moved: [aside], attempts: 3 }),
    );
    const never: TakeOver<Outbox> = () => {
      throw new Error('It was read once more.');
    };
    const { database, prepared, movedAside } = openAgentDatabase(folder.path, 'now', newOutbox, never);
    expect(prepared.pending({ limit: 10 })).toEqual([]);
    database.close();
    expect(movedAside).toMatchObject({ path: aside, salvage: expect.stringContaining('nothing of it was saved') });
  });

  it('tries again at the next start when the disk is full while it is saved', () => {
    const { pending } = fillAll();
    noteDamage(folder.path, 'Flipped.');
    const full: TakeOver<Outbox> = () => {
      throw new LatchkeyError('storage-full', 'The disk is full.');
    };
    for (let i = 0; i < 5; i++) {
      expect(() => openAgentDatabase(folder.path, 'now', newOutbox, full)).toThrow('The disk is full.');
    }
    const { database, prepared } = openAgentDatabase(folder.path, 'now', newOutbox, saveOutbox);
    expect(prepared.pending({ limit: 1_000 })).toHaveLength(pending.length);
    database.close();
  });
});
