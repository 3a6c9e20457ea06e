import { describe, expect, it } from '@jest/globals';
import { NewestFrame } from './newest-frame.ts';

const forever = new AbortController().signal;

describe('between a camera and a slow reader', () => {
  it('a newer frame replaces one that waits; what was replaced is counted and given back', async () => {
    let dropped = 0;
    const newest = new NewestFrame<number>(() => dropped++);
    expect([newest.put(1), newest.put(2), newest.put(3)]).toEqual([null, 1, 2]);
    expect(await newest.next(forever)).toBe(3);
    expect(dropped).toBe(2);
  });

  it('a reader that waits gets the next frame, the end after the last one, and the reason of a failure', async () => {
    const newest = new NewestFrame<number>(() => undefined);
    const next = newest.next(forever);
    newest.put(1);
    expect(await next).toBe(1);
    newest.put(2);
    newest.finish(new Error('broken'));
    expect(newest.put(3)).toBe(3);
    expect(await newest.next(forever)).toBe(2);
    await expect(newest.next(forever)).rejects.toThrow('broken');
  });

  it('nobody waits for longer than its signal', async () => {
    const stop = new AbortController();
    const next = new NewestFrame<number>(() => undefined).next(stop.signal);
    stop.abort();
    expect(await next).toBeNull();
  });
});
