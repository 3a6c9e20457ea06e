import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { changeFromWire, type GalleryAnswer } from '@latchkey/contracts';
import { type TemporaryFolder, temporaryFolder } from '@latchkey/testing';
import { ada, enrol, eve, GalleryBench } from './agent-gallery-bench.ts';

describe("synchronisation of one group's gallery", () => {
  let folder: TemporaryFolder;
  let bench: GalleryBench;

  beforeEach(() => {
    folder = temporaryFolder();
    bench = new GalleryBench(folder);
  });

  afterEach(() => {
    bench.database.close();
    folder.remove();
  });

  /** A bench whose device is at central's head. */
  function joined(): GalleryBench {
    bench.central.change(...enrol(ada, 1));
    bench.sync.connected();
    bench.settle();
    return bench;
  }

  it('asks for everything when it has nothing, and takes the snapshot', () => {
    joined();
    expect(bench.asks[0]).toMatchObject({ groupId: 'staff', epoch: 0, revision: 0, logHash: null, contentHash: null });
    expect(bench.sync.state).toBe('current');
    expect(bench.sync.holding).toMatchObject({ epoch: 1, revision: 1, persons: 1, encodings: 1 });
    expect(bench.seen(1)).toBe(ada);
    expect(bench.diskHash()).toBe(bench.central.head().contentHash);
  });

  it('asks for the head once more after a snapshot', () => {
    joined();
    expect(bench.asks.map(({ revision }) => revision)).toEqual([0, 1]);
  });

  it('takes an empty gallery', () => {
    bench.sync.connected();
    bench.settle();
    expect(bench.sync.state).toBe('current');
    expect(bench.sync.holding).toMatchObject({ revision: 0, persons: 0 });
  });

  it('applies a change that follows, and recognises the person from then on', () => {
    joined().publish(...enrol(eve, 2));
    expect(bench.seen(2)).toBe(eve);
    expect(bench.sync.holding?.contentHash).toBe(bench.central.head().contentHash);
    expect(bench.diskHash()).toBe(bench.central.head().contentHash);
    expect(bench.asks).toHaveLength(2);
  });

  it('recognises nobody who was removed', () => {
    joined().publish({ op: 'remove-person', personId: ada });
    expect(bench.seen(1)).toBeNull();
    expect(bench.diskHash()).toBe(bench.central.head().contentHash);
  });

  it('asks when a change is missing, and has it after the answer', () => {
    joined();
    bench.central.change(...enrol(eve, 2));
    bench.publish({ op: 'remove-person', personId: ada });
    expect(bench.seen(1)).toBe(ada);
    expect(bench.lastAsk).toMatchObject({ revision: 1 });
    bench.answer();
    expect([bench.seen(1), bench.seen(2)]).toEqual([eve, eve]);
    expect(bench.sync.state).toBe('current');
  });

  it('asks one question at a time, whatever happens meanwhile', () => {
    joined();
    bench.central.change(...enrol(eve, 2));
    for (let i = 0; i < 5; i++) bench.publish(...enrol(randomUUID(), 3 + i));
    expect(bench.asks).toHaveLength(3);
    bench.settle();
    expect(bench.sync.holding?.contentHash).toBe(bench.central.head().contentHash);
  });

  it('asks every minute, give or take six seconds', () => {
    joined();
    bench.clock.advance(53_999);
    bench.sync.tick();
    expect(bench.asks).toHaveLength(2);
    bench.clock.advance(12_002);
    bench.sync.tick();
    expect(bench.asks).toHaveLength(3);
  });

  it('asks again when nobody answers, less and less often', () => {
    bench.sync.connected();
    const askedAt: number[] = [];
    for (let second = 1; second <= 160; second++) {
      bench.clock.advance(1_000);
      const before = bench.asks.length;
      bench.sync.tick();
      if (bench.asks.length > before) askedAt.push(second);
    }
    expect(askedAt).toEqual([10, 30, 70, 150]);
  });

  it('learns from the minute’s question that the last change was lost', () => {
    joined();
    bench.central.change(...enrol(eve, 2));
    bench.clock.advance(66_001);
    bench.sync.tick();
    bench.settle();
    expect(bench.seen(2)).toBe(eve);
  });

  it('refuses an answer to no question, and one that was answered already', () => {
    joined();
    const { nonce } = bench.lastAsk;
    const replay = bench.central.answer(bench.lastAsk, new Date(bench.clock.now()).toISOString());
    for (const answer of replay) {
      expect(() => bench.sync.receiveAnswer(answer)).toThrow(expect.objectContaining({ code: 'replayed' }));
      const other = { ...answer, nonce: nonce.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) };
      expect(() => bench.sync.receiveAnswer(other)).toThrow(expect.objectContaining({ code: 'replayed' }));
    }
  });

  it('ignores an answer that comes after it was given up, without calling it an attack', () => {
    bench.central.change(...enrol(ada, 1));
    bench.sync.connected();
    const late = bench.central.answer(bench.lastAsk, new Date(bench.clock.now()).toISOString());
    bench.sync.connected();
    for (const answer of late) bench.sync.receiveAnswer(answer);
    expect(bench.sync.holding).toBeNull();
  });

  it('refuses changes and answers of another group', () => {
    joined();
    const foreign = changeFromWire({ ...bench.central.change(...enrol(eve, 2)), groupId: 'guests' });
    expect(() => bench.sync.receiveChange(foreign)).toThrow(expect.objectContaining({ code: 'signature-invalid' }));
    bench.sync.connected();
    const { lastAsk } = bench;
    const gone: GalleryAnswer = {
      type: 'gone',
      nonce: lastAsk.nonce,
      groupId: 'guests',
      centralTime: new Date(0).toISOString(),
      databaseEpoch: 1,
    };
    expect(() => bench.sync.receiveAnswer(gone)).toThrow(expect.objectContaining({ code: 'signature-invalid' }));
    expect(bench.seen(1)).toBe(ada);
  });

  it('puts a snapshot together from parts in any order, with the old gallery in use until the last', () => {
    joined();
    bench.central.rowsPerChunk = 1;
    bench.central.restore(1, 2);
    for (let i = 0; i < 3; i++) bench.central.change(...enrol(randomUUID(), 10 + i));
    bench.sync.connected();
    const parts = bench.central.answer(bench.lastAsk, new Date(bench.clock.now()).toISOString()).reverse();
    expect(parts).toHaveLength(4);
    for (const [i, part] of parts.entries()) {
      expect(bench.sync.holding?.epoch).toBe(1);
      expect(bench.sync.stagedGeneration === null).toBe(i === 0);
      bench.sync.receiveAnswer(part);
    }
    expect(bench.sync.holding).toMatchObject({ epoch: 2, revision: 4, persons: 4 });
    expect(bench.diskHash()).toBe(bench.central.head().contentHash);
  });

  it('applies changes that arrived during a snapshot after it', () => {
    joined();
    bench.central.rowsPerChunk = 1;
    bench.central.restore(1, 2);
    bench.central.change(...enrol(eve, 2));
    bench.sync.connected();
    const [first, ...rest] = bench.central.answer(bench.lastAsk, new Date(bench.clock.now()).toISOString());
    if (first) bench.sync.receiveAnswer(first);
    bench.publish({ op: 'remove-person', personId: ada });
    for (const part of rest) bench.sync.receiveAnswer(part);
    expect(bench.sync.holding?.revision).toBe(3);
    expect([bench.seen(1), bench.seen(2)]).toEqual([eve, eve]);
  });

  it('begins a snapshot anew when its parts stop coming', () => {
    bench.central.rowsPerChunk = 1;
    bench.central.change(...enrol(ada, 1));
    bench.central.change(...enrol(eve, 2));
    bench.sync.connected();
    const [first] = bench.central.answer(bench.lastAsk, new Date(bench.clock.now()).toISOString());
    if (first) bench.sync.receiveAnswer(first);
    bench.clock.advance(10_000);
    bench.sync.tick();
    bench.settle();
    expect(bench.sync.state).toBe('current');
    expect(bench.sync.holding).toMatchObject({ persons: 2 });
  });

  describe('when the content is not what central signed', () => {
    const wrongHash = (answer: GalleryAnswer): GalleryAnswer =>
      answer.type === 'gone' ? answer : { ...answer, head: { ...answer.head, contentHash: 'f'.repeat(64) } };

    it('asks for everything, and is well again after a good snapshot', () => {
      joined();
      bench.sync.connected();
      bench.answer(wrongHash);
      expect(bench.lastAsk).toMatchObject({ epoch: 0, contentHash: null });
      expect(bench.sync.state).toBe('behind');
      bench.settle();
      expect(bench.sync.state).toBe('current');
      expect(bench.failures).toEqual([]);
    });

    it('fails after the second time in a row, lets nobody of it in, and does not ask in a circle', () => {
      joined();
      bench.sync.connected();
      bench.answer(wrongHash);
      bench.answer(wrongHash);
      expect(bench.sync.state).toBe('failed');
      expect(bench.failures).toHaveLength(1);
      expect(bench.seen(1)).toBeNull();
      expect(bench.live.partlyLocked).toBe(true);
      const { length } = bench.asks;
      for (let minute = 0; minute < 3; minute++) {
        bench.clock.advance(66_001);
        bench.sync.tick();
        bench.answer(wrongHash);
      }
      expect(bench.asks).toHaveLength(length + 3);
      expect(bench.failures).toHaveLength(1);
    });

    it('recovers when central signs what is held', () => {
      joined();
      bench.sync.connected();
      bench.answer(wrongHash);
      bench.answer(wrongHash);
      bench.clock.advance(66_001);
      bench.sync.tick();
      bench.settle();
      expect(bench.sync.state).toBe('current');
      expect(bench.seen(1)).toBe(ada);
      expect(bench.live.partlyLocked).toBe(false);
    });
  });

  it('refuses a lower revision of central, keeps what it holds, and says so once', () => {
    joined().publish(...enrol(eve, 2));
    bench.central.restore(1);
    for (let i = 0; i < 3; i++) {
      bench.sync.connected();
      bench.settle();
    }
    expect(bench.sync.holding?.revision).toBe(2);
    expect(bench.sync.state).toBe('failed');
    expect(bench.failures).toHaveLength(1);
    expect(bench.seen(2)).toBe(eve);
  });

  it('follows a higher epoch', () => {
    joined().publish(...enrol(eve, 2));
    bench.central.restore(1, 2);
    bench.publish(...enrol(randomUUID(), 3));
    bench.settle();
    expect(bench.sync.holding).toMatchObject({ epoch: 2, revision: 2, persons: 2 });
    expect(bench.seen(2)).not.toBe(eve);
  });

  it('drops a group that it is not in, on disk too', () => {
    joined();
    bench.sync.connected();
    const { nonce, groupId } = bench.lastAsk;
    const centralTime = new Date(bench.clock.now()).toISOString();
    bench.sync.receiveAnswer({ type: 'gone', nonce, groupId, centralTime, databaseEpoch: 1 });
    bench.repository.purge(100);
    expect(bench.sync.holding).toBeNull();
    expect(bench.seen(1)).toBeNull();
    expect(bench.database.all('SELECT * FROM gallery_encoding')).toEqual([]);
    expect(bench.database.all('SELECT * FROM gallery_person')).toEqual([]);
  });

  it('reports what central’s clock says, with the time of the question', () => {
    bench.sync.connected();
    bench.clock.advance(40);
    bench.answer();
    expect(bench.offsets[0]).toBe(40);
  });

  it('finds rows on disk that were altered within a day, knows everybody meanwhile, and heals them', () => {
    joined();
    bench.database.run(`UPDATE gallery_encoding SET bytes = ?`, [new Uint8Array(16).fill(1)]);
    const { contentHash } = bench.central.head();
    bench.clock.advance(23 * 3_600_000);
    bench.sync.tick();
    bench.settle();
    expect([bench.failures, bench.diskHash() === contentHash]).toEqual([[], false]);
    bench.clock.advance(3_600_000);
    bench.sync.tick();
    expect(bench.failures).toEqual([expect.stringContaining('altered')]);
    expect(bench.seen(1)).toBe(ada);
    bench.settle();
    expect([bench.diskHash(), bench.sync.state, bench.seen(1)]).toEqual([contentHash, 'current', ada]);
    bench.clock.advance(24 * 3_600_000);
    bench.sync.tick();
    expect(bench.failures).toHaveLength(1);
  });

  describe('after a restart', () => {
    /** A second process on the same disk. */
    function restarted(): GalleryBench {
      bench.database.close();
      const again = new GalleryBench(folder);
      for (const head of again.repository.heads()) again.sync.load(head);
      return again;
    }

    it('knows everybody before it has heard from central', () => {
      joined();
      bench = restarted();
      expect(bench.seen(1)).toBe(ada);
      expect(bench.sync.state).toBe('behind');
    });

    it('drops rows that were altered and asks for them anew', () => {
      joined();
      bench.database.run(`UPDATE gallery_encoding SET bytes = ?`, [new Uint8Array(16).fill(1)]);
      const { central } = bench;
      bench = restarted();
      expect(bench.seen(1)).toBeNull();
      expect(bench.failures[0]).toContain('altered');
      bench.sync.connected();
      for (const answer of central.answer(bench.lastAsk, new Date(0).toISOString())) bench.sync.receiveAnswer(answer);
      expect(bench.seen(1)).toBe(ada);
    });

    it('leaves nothing of a snapshot that was not finished', () => {
      joined();
      bench.central.rowsPerChunk = 1;
      bench.central.restore(1, 2);
      bench.central.change(...enrol(eve, 2));
      bench.sync.connected();
      const [first] = bench.central.answer(bench.lastAsk, new Date(bench.clock.now()).toISOString());
      if (first) bench.sync.receiveAnswer(first);
      bench = restarted();
      expect(bench.sync.holding).toMatchObject({ epoch: 1, revision: 1 });
      bench.repository.purge(100);
      expect(bench.database.all('SELECT person_id FROM gallery_person')).toEqual([{ person_id: ada }]);
    });
  });
});
