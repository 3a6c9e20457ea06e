import { randomUUID } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { contentHashOfRows } from '@latchkey/domain';
import { type TemporaryFolder, temporaryFolder } from '@latchkey/testing';
import { openAgentDatabase } from '../../apps/edge-agent/src/store/agent-database.ts';
import { GalleryRepository } from '../../apps/edge-agent/src/store/gallery.repository.ts';
import { enrol, GalleryBench } from './agent-gallery-bench.ts';

const pageBytes = 4096;
/** sqlite.org/fileformat2.html §4.1: a header, then frames of a header and a page each. */
const logHeaderBytes = 32;
const frameBytes = 24 + pageBytes;

describe('a gallery whose device loses power at any write to its disk', () => {
  let folder: TemporaryFolder;
  let bench: GalleryBench;
  /** Content's hash by epoch and revision, as central published them. */
  let published: Map<string, string>;

  beforeEach(() => {
    folder = temporaryFolder();
    bench = new GalleryBench(folder);
    published = new Map();
    note();
  });

  afterEach(() => {
    bench.database.close();
    folder.remove();
  });

  function note(): void {
    const { epoch, revision, contentHash } = bench.central.head();
    published.set(`${epoch}/${revision}`, contentHash);
  }

  function publish(...operations: ReturnType<typeof enrol>): void {
    bench.publish(...operations);
    note();
  }

  /** Changes, a removal, and a snapshot in many parts with a change in its midst. */
  function live(): void {
    for (let i = 0; i < 6; i++) publish(...enrol(randomUUID(), i));
    const [first] = bench.central.content.persons.keys();
    publish({ op: 'remove-person', personId: first ?? '' });
    bench.central.rowsPerChunk = 2;
    bench.central.restore(bench.central.revision - 2, bench.central.epoch + 1);
    note();
    bench.sync.connected();
    const answers = bench.central.answer(bench.lastAsk, new Date(bench.clock.now()).toISOString());
    expect(answers.length).toBeGreaterThan(2);
    for (const [i, answer] of answers.entries()) {
      if (i === 1) publish(...enrol(randomUUID(), 50));
      bench.sync.receiveAnswer(answer);
    }
    bench.settle();
    publish(...enrol(randomUUID(), 60));
  }

  /** What a start finds on a disk that holds these bytes: epoch and revision, after a check that it is what central published. */
  function revisionOn(name: string, file: Buffer, log: Buffer): string | null {
    const disk = folder.file(name);
    mkdirSync(join(disk, 'data'), { recursive: true });
    mkdirSync(join(disk, 'keys'), { recursive: true });
    copyFileSync(folder.file('keys/agent.key'), join(disk, 'keys/agent.key'));
    writeFileSync(join(disk, 'data/agent.db'), file);
    writeFileSync(join(disk, 'data/agent.db-wal'), log);
    const { database, movedAside } = openAgentDatabase(disk, 'x', () => null);
    try {
      const repository = new GalleryRepository(database);
      const [head] = repository.heads();
      expect({ name, movedAside }).toEqual({ name, movedAside: null });
      if (!head) return null;
      const revision = `${head.epoch}/${head.revision}`;
      expect({ name, hash: contentHashOfRows(repository.content('staff', head.generation)) }).toEqual({
        name,
        hash: published.get(revision),
      });
      return revision;
    } finally {
      database.close();
    }
  }

  it('is the old or the new revision, never a mix, and never goes back', () => {
    bench.sync.connected();
    bench.settle();
    // The log is begun anew: what happens from here on lies in it from its first frame.
    bench.database.get('PRAGMA wal_checkpoint(TRUNCATE)');
    const file = readFileSync(folder.file('data/agent.db'));
    live();
    const log = readFileSync(folder.file('data/agent.db-wal'));
    const frames = (log.length - logHeaderBytes) / frameBytes;
    expect(frames).toBeGreaterThan(40);
    const found: (string | null)[] = [];
    for (let frame = 0; frame <= frames; frame++) {
      const end = logHeaderBytes + frame * frameBytes;
      // A write that is cut in its midst, every so often: SQLite's own checks of a frame make it the frame before.
      const torn = frame % 8 === 0 ? end + 1_000 : end;
      found.push(revisionOn(`disk-${frame}`, file, log.subarray(0, torn)));
    }
    const order = [...published.keys()];
    const positions = found.map((revision) => order.indexOf(revision ?? ''));
    expect(Math.min(...positions)).toBeGreaterThanOrEqual(0);
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
    expect(found.at(-1)).toBe(order.at(-1));
    // Each was there for a while, but for those that the restore took away and that which came during the snapshot.
    expect(new Set(found).size).toBeGreaterThanOrEqual(9);
  });

  it('is the new revision when the power goes while the log is written into the file, at any page', () => {
    bench.sync.connected();
    bench.settle();
    live();
    const path = folder.file('data/agent.db');
    const before = readFileSync(path);
    const log = readFileSync(`${path}-wal`);
    bench.database.get('PRAGMA wal_checkpoint(TRUNCATE)');
    const after = readFileSync(path);
    const last = [...published.keys()].at(-1);
    for (let pages = 0; pages <= after.length / pageBytes; pages++) {
      const file = Buffer.concat([after.subarray(0, pages * pageBytes), before.subarray(pages * pageBytes)]);
      expect(revisionOn(`file-${pages}`, file, log)).toBe(last);
    }
  });
});
