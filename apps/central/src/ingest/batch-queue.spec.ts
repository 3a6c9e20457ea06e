import { describe, expect, it } from '@jest/globals';
import { gate } from '@latchkey/testing';
import { BatchQueue, type BatchQueueOptions } from './batch-queue.ts';

function aQueue(write: (batch: readonly string[]) => Promise<void>, options: Partial<BatchQueueOptions<string>> = {}) {
  return new BatchQueue<string>({
    maxBatch: 3,
    maxWaitMs: 1,
    maxQueued: 100,
    maxQueuedBytes: 1_000_000,
    bytesOf: ({ length }) => length,
    write,
    ...options,
  });
}

describe('BatchQueue', () => {
  it('writes everything once, in order, in batches of at most the given size', async () => {
    const batches: string[][] = [];
    const queue = aQueue(async (batch) => void batches.push([...batch]));
    queue.start();
    const items = Array.from({ length: 10 }, (_, i) => `item-${i}`);
    await Promise.all(items.map((item) => queue.add(item)));
    await queue.stop();
    expect(batches.flat()).toEqual(items);
    expect(Math.max(...batches.map(({ length }) => length))).toBe(3);
  });

  it('writes a single item without waiting for more than the given time', async () => {
    const written = gate();
    const queue = aQueue(async () => written.open());
    queue.start();
    await queue.add('only');
    await written.opened;
    await queue.stop();
  });

  it('makes those wait who bring more than it may hold, and takes them in order when there is room', async () => {
    const may = gate();
    const taken: string[] = [];
    const batches: string[][] = [];
    const queue = aQueue(
      async (batch) => {
        batches.push([...batch]);
        await may.opened;
      },
      { maxBatch: 1, maxQueued: 2 },
    );
    queue.start();
    const adds = ['a', 'b', 'c', 'd', 'e'].map((item) => queue.add(item).then(() => taken.push(item)));
    // a is being written, b and c are queued at most.
    await Promise.all(adds.slice(0, 2));
    expect(taken).not.toContain('e');
    expect(queue.length).toBeLessThanOrEqual(5);
    may.open();
    await Promise.all(adds);
    await queue.stop();
    expect(taken).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(batches.flat()).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('counts bytes as well as items', async () => {
    const may = gate();
    const queue = aQueue(async () => may.opened, { maxQueuedBytes: 10 });
    queue.start();
    let second = false;
    await queue.add('x'.repeat(20));
    const add = queue.add('y').then(() => {
      second = true;
    });
    expect(second).toBe(false);
    may.open();
    await add;
    await queue.stop();
    expect(second).toBe(true);
  });

  it('goes on after a batch that could not be written', async () => {
    const batches: string[][] = [];
    const queue = aQueue(
      async (batch) => {
        batches.push([...batch]);
        if (batch.includes('bad')) throw new Error('no');
      },
      { maxBatch: 1 },
    );
    queue.start();
    await queue.add('bad');
    await queue.add('good');
    await queue.stop();
    expect(batches).toEqual([['bad'], ['good']]);
  });

  it('writes what it has when it is stopped, refuses what waits and what comes', async () => {
    const may = gate();
    const batches: string[][] = [];
    const queue = aQueue(
      async (batch) => {
        batches.push([...batch]);
        await may.opened;
      },
      { maxBatch: 1, maxQueued: 1 },
    );
    queue.start();
    await queue.add('a');
    const waiting = [queue.add('b'), queue.add('c')];
    const stopping = queue.stop();
    const outcomes = Promise.allSettled(waiting);
    may.open();
    await stopping;
    const refused = (await outcomes).filter(({ status }) => status === 'rejected').length;
    expect(batches.flat()).toHaveLength(3 - refused);
    await expect(queue.add('d')).rejects.toMatchObject({ code: 'database-unavailable' });
    await queue.stop();
  });
});
