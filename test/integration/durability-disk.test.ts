import { execFileSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type FaceBody, healthBody } from '@latchkey/contracts';
import { isLatchkeyError } from '@latchkey/domain';
import { type LocalDatabase, Outbox } from '@latchkey/link';
import { ManualClock, type TemporaryFolder, temporaryFolder } from '@latchkey/testing';
import { pino } from 'pino';
import { EventRecorder } from '../../apps/edge-agent/src/events/event-recorder.ts';
import { openAgentDatabase } from '../../apps/edge-agent/src/store/agent-database.ts';
import { GalleryRepository } from '../../apps/edge-agent/src/store/gallery.repository.ts';
import { saveOutbox } from '../../apps/edge-agent/src/store/saved-outbox.ts';

const canMount = (() => {
  const probe = temporaryFolder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', probe.path], { stdio: 'ignore' });
    execFileSync('umount', [probe.path], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  } finally {
    probe.remove();
  }
})();
if (!canMount) console.warn('No file system can be mounted here: full and read-only disks are not tested.');

const granted: FaceBody = {
  personId: randomUUID(),
  claimedPersonId: null,
  distance: 0.2,
  maxDistance: 0.5,
  margin: null,
  decision: 'granted',
  reasons: ['matched'],
  liveness: null,
  quality: 80,
  modelId: 'scripted',
  galleryRevision: 1,
  trackId: randomUUID(),
  box: { x: 1, y: 2, width: 100, height: 100 },
  snapshotId: null,
  encoding: null,
};

(canMount ? describe : describe.skip)('a disk of its own, 2 MiB large', () => {
  let folder: TemporaryFolder;
  let database: LocalDatabase;
  let outbox: Outbox;
  let recorder: EventRecorder;

  beforeEach(() => {
    folder = temporaryFolder();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder.path]);
    open();
  });

  afterEach(() => {
    database.close();
    // Lazily: libsql lets go of a closed file when its statements are collected.
    execFileSync('umount', ['--lazy', folder.path]);
    folder.remove();
  });

  function open(): void {
    const opened = openAgentDatabase(
      folder.path,
      'x',
      (made) => {
        const outbox = new Outbox({ database: made, clock: new ManualClock(), randomBytes });
        outbox.open();
        return outbox;
      },
      saveOutbox,
    );
    database = opened.database;
    outbox = opened.prepared;
    const stamp = () => ({ occurredAt: Date.now(), clockOffsetMs: null, clockTrusted: false });
    recorder = new EventRecorder(outbox, stamp, pino({ level: 'silent' }));
  }

  /** What a decision does: the door may be told only when this returns. Null when the event is on disk. */
  function refusal(): string | null {
    try {
      recorder.record('verification', granted);
      return null;
    } catch (error) {
      return isLatchkeyError(error) ? error.code : String(error);
    }
  }

  function fillDisk(): void {
    try {
      writeFileSync(folder.file('filler'), Buffer.alloc(4 * 1024 * 1024));
    } catch {
      // It took what there was.
    }
  }

  const kinds = () =>
    outbox
      .pending({ limit: 10_000 })
      .map(({ envelope: { kind, body } }) => healthBody.safeParse(body).data?.state ?? kind);

  it('refuses every decision while it is full, and takes events again when space is back, after one that tells of it', () => {
    expect(refusal()).toBeNull();
    fillDisk();
    let stored = 0;
    while (refusal() === null) stored++;
    // What the write-ahead log had room for; it is on disk as well.
    expect(stored).toBeLessThan(200);
    for (let i = 0; i < 20; i++) expect(refusal()).toBe('storage-full');
    const person = { personId: randomUUID(), name: 'Ada', always: false };
    const stage = () => new GalleryRepository(database).stage('staff', 1, [person], []);
    expect(stage).toThrow(expect.objectContaining({ code: 'storage-full' }));
    const before = kinds();
    expect(before).toHaveLength(stored + 1);

    rmSync(folder.file('filler'));
    expect(refusal()).toBeNull();
    expect(kinds()).toEqual([...before, 'storage-failed', 'verification']);
    database.close();
    open();
    expect(kinds()).toEqual([...before, 'storage-failed', 'verification']);
  });

  it('does not open while it is full, and opens with everything when space is back', () => {
    expect(refusal()).toBeNull();
    database.close();
    fillDisk();
    expect(open).toThrow(expect.objectContaining({ code: expect.stringMatching(/^storage-(full|failed)$/) }));
    rmSync(folder.file('filler'));
    open();
    expect(kinds()).toEqual(['verification']);
  });

  it('does not open while it is read-only, and opens with everything when it is not', () => {
    expect(refusal()).toBeNull();
    database.close();
    const view = temporaryFolder();
    execFileSync('mount', ['-o', 'bind,ro', folder.path, view.path]);
    try {
      const openView = () => openAgentDatabase(view.path, 'x', () => null);
      expect(openView).toThrow(expect.objectContaining({ code: 'storage-failed' }));
    } finally {
      execFileSync('umount', ['--lazy', view.path]);
      view.remove();
    }
    open();
    expect(refusal()).toBeNull();
    expect(kinds()).toEqual(['verification', 'verification']);
  });
});
