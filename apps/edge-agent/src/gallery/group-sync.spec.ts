import { randomBytes, randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { changeFromWire, type GalleryAnswer, type GalleryAsk } from '@latchkey/contracts';
import { contentHashOfRows, type GalleryOperation, isLatchkeyError } from '@latchkey/domain';
import { LocalDatabase } from '@latchkey/link';
import { ManualClock, ScriptedGallery, scriptedModel, type TemporaryFolder, temporaryFolder } from '@latchkey/testing';
import fc from 'fast-check';
import { openAgentDatabase } from '../store/agent-database.ts';
import { GalleryRepository } from '../store/gallery.repository.ts';
import { GroupSync } from './group-sync.ts';
import { HeldGallery } from './held-gallery.ts';
import { LiveGallery } from './live-gallery.ts';

const ada = randomUUID();
const eve = randomUUID();

function enrol(personId: string, x: number, encodingId: string = randomUUID()): GalleryOperation[] {
  const values = Float32Array.of(x, 0, 0, 0);
  return [
    { op: 'upsert-person', personId, name: `person ${x}`, always: false },
    { op: 'upsert-encoding', encodingId, personId, modelId: scriptedModel.id, values },
  ];
}

/** Runs something that may be refused with this code. */
function tolerate(code: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!isLatchkeyError(error) || error.code !== code) throw error;
  }
}

/** One device and one group at central, talking by hand. */
class Bench {
  readonly clock = new ManualClock();
  readonly central = new ScriptedGallery('main', 'staff', scriptedModel.id);
  readonly asks: GalleryAsk[] = [];
  readonly failures: string[] = [];
  readonly offsets: number[] = [];
  readonly live = new LiveGallery(scriptedModel.id, 4);
  readonly database: LocalDatabase;
  readonly repository: GalleryRepository;
  readonly sync: GroupSync;

  constructor(folder: TemporaryFolder) {
    this.database = openAgentDatabase(folder.path, 'x', () => null).database;
    this.repository = new GalleryRepository(this.database);
    const reading = () => ({ now: this.clock.now(), monotonicMs: this.clock.monotonicMs() });
    this.sync = new GroupSync({
      siteId: 'main',
      modelId: scriptedModel.id,
      gallery: new HeldGallery('main', 'staff', this.repository, this.live),
      repository: this.repository,
      reading,
      newNonce: () => randomBytes(16).toString('hex'),
      send: (ask) => this.asks.push(ask),
      onChanged: () => undefined,
      onFailed: (message) => this.failures.push(message),
      onCentral: ({ centralTime }, asked) => this.offsets.push(centralTime - asked.now),
    });
  }

  /** The newest question. */
  get lastAsk(): GalleryAsk {
    const ask = this.asks.at(-1);
    if (!ask) throw new Error('nothing was asked');
    return ask;
  }

  /** Answers the newest question, as central would or as a test wants it. */
  answer(change: (answer: GalleryAnswer) => GalleryAnswer = (answer) => answer): void {
    const time = new Date(this.clock.now()).toISOString();
    for (const answer of this.central.answer(this.lastAsk, time)) this.sync.receiveAnswer(change(answer));
  }

  /** Answers until nothing more is asked. */
  settle(): void {
    for (let answered = -1; answered !== this.asks.length; ) {
      answered = this.asks.length;
      this.answer();
    }
  }

  /** A change that reaches the device. */
  publish(...operations: GalleryOperation[]): void {
    this.sync.receiveChange(changeFromWire(this.central.change(...operations)));
  }

  /** Who is nearest to a face. */
  seen(x: number): string | null {
    return this.live.nearest({ modelId: scriptedModel.id, values: Float32Array.of(x, 0, 0, 0) })?.personId ?? null;
  }

  /** The content's hash of what lies on disk. */
  diskHash(): string | null {
    const [head] = this.repository.heads();
    return head ? contentHashOfRows(this.repository.content('staff', head.generation)) : null;
  }
}

describe("synchronisation of one group's gallery", () => {
  let folder: TemporaryFolder;
  let bench: Bench;

  beforeEach(() => {
    folder = temporaryFolder();
    bench = new Bench(folder);
  });

  afterEach(() => {
    bench.database.close();
    folder.remove();
  });

  /** A bench whose device is at central's head. */
  function joined(): Bench {
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

  it('ends equal to central, whatever is lost, late, doubled or interrupted', () => {
    type Step = 'change' | 'lost change' | 'removal' | 'connect' | 'answer' | 'old answer' | 'minute' | 'restore';
    const steps: Step[] = ['change', 'lost change', 'removal', 'connect', 'answer', 'old answer', 'minute', 'restore'];
    let somewhere = 10;
    const act: Record<Step, (known: GalleryAnswer[]) => void> = {
      change: () => bench.publish(...enrol(randomUUID(), somewhere++)),
      'lost change': () => void bench.central.change(...enrol(randomUUID(), somewhere++)),
      removal: () => {
        const [personId] = bench.central.content.persons.keys();
        if (personId) bench.publish({ op: 'remove-person', personId });
      },
      connect: () => bench.sync.connected(),
      answer: (known) => {
        const [ask] = bench.asks.slice(-1);
        const answers = ask ? bench.central.answer(ask, new Date(bench.clock.now()).toISOString()) : [];
        known.push(...answers);
        for (const answer of answers) tolerate('replayed', () => bench.sync.receiveAnswer(answer));
      },
      'old answer': (known) => {
        for (const answer of known) tolerate('replayed', () => bench.sync.receiveAnswer(answer));
      },
      minute: () => {
        bench.clock.advance(66_001);
        bench.sync.tick();
      },
      restore: () => bench.central.restore(Math.max(0, bench.central.revision - 1), bench.central.epoch + 1),
    };
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...steps), { maxLength: 25 }),
        fc.integer({ min: 1, max: 3 }),
        (run, rows) => {
          bench.database.close();
          const part = temporaryFolder();
          bench = new Bench(part);
          try {
            bench.central.rowsPerChunk = rows;
            const known: GalleryAnswer[] = [];
            for (const step of run) act[step](known);
            bench.sync.connected();
            bench.settle();
            expect(bench.sync.state).toBe('current');
            expect(bench.sync.holding?.contentHash).toBe(bench.central.head().contentHash);
            expect(bench.diskHash()).toBe(bench.central.head().contentHash);
            expect(bench.failures).toEqual([]);
          } finally {
            bench.database.close();
            part.remove();
            bench = new Bench(folder);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  describe('after a restart', () => {
    /** A second process on the same disk. */
    function restarted(): Bench {
      bench.database.close();
      const again = new Bench(folder);
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
