import { describe, expect, it } from '@jest/globals';
import { Turns } from './turns.ts';

/** A task that ends when the test says so. */
function aTask() {
  let finish: () => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  const ended = new Promise<void>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  const task = { started: false, finish: () => finish(), fail: () => fail(new Error('failed')) };
  return {
    ...task,
    run: () => {
      task.started = true;
      return ended;
    },
    isStarted: () => task.started,
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('Turns', () => {
  it('lets as many run at once as it may, and the others in order as those end', async () => {
    const turns = new Turns(2);
    const tasks = Array.from({ length: 4 }, aTask);
    const all = tasks.map(({ run }) => turns.take(run));
    const started = () => tasks.map((task) => task.isStarted());
    await settled();
    expect(started()).toEqual([true, true, false, false]);
    tasks[1]?.finish();
    await settled();
    expect(started()).toEqual([true, true, true, false]);
    tasks[0]?.finish();
    await settled();
    expect(started()).toEqual([true, true, true, true]);
    tasks[2]?.finish();
    tasks[3]?.finish();
    await Promise.all(all);
  });

  it('gives the turn on when a task fails', async () => {
    const turns = new Turns(1);
    const first = aTask();
    const failing = turns.take(first.run);
    const next = turns.take(async () => 'done');
    first.fail();
    await expect(failing).rejects.toThrow('failed');
    expect(await next).toBe('done');
  });

  it('is free again when all have ended', async () => {
    const turns = new Turns(1);
    await turns.take(async () => undefined);
    expect(await turns.take(async () => 'again')).toBe('again');
  });
});
