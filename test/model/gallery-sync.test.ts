import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { GalleryAnswer } from '@latchkey/contracts';
import { isLatchkeyError } from '@latchkey/domain';
import { temporaryFolder } from '@latchkey/testing';
import fc from 'fast-check';
import { enrol, GalleryBench } from '../integration/agent-gallery-bench.ts';

/** Runs something that may be refused with this code. */
function tolerate(code: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!isLatchkeyError(error) || error.code !== code) throw error;
  }
}

describe('a gallery on a device (PROTOCOL.md §3)', () => {
  it('ends equal to central, whatever is lost, late, doubled or interrupted', () => {
    type Step = 'change' | 'lost change' | 'removal' | 'connect' | 'answer' | 'old answer' | 'minute' | 'restore';
    const steps: Step[] = ['change', 'lost change', 'removal', 'connect', 'answer', 'old answer', 'minute', 'restore'];
    let bench: GalleryBench;
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
          const folder = temporaryFolder();
          bench = new GalleryBench(folder);
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
            folder.remove();
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
