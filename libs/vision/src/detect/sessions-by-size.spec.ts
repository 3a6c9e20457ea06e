import { describe, expect, it } from '@jest/globals';
import { SessionsBySize } from './sessions-by-size.ts';

/** Opens sessions and remembers what was opened and what was disposed of, in order. */
function aGiver() {
  const opened: string[] = [];
  const disposed: string[] = [];
  const sessions = new SessionsBySize(async (width, height) => {
    const size = `${width}x${height}`;
    opened.push(size);
    return {
      run: async () => [],
      dispose: async () => {
        disposed.push(size);
      },
    };
  });
  return { sessions, opened, disposed };
}

describe('SessionsBySize', () => {
  it('opens a size once', async () => {
    const { sessions, opened } = aGiver();
    const first = await sessions.of(320, 256);
    expect(await sessions.of(320, 256)).toBe(first);
    expect(await sessions.of(256, 320)).not.toBe(first);
    expect(opened).toEqual(['320x256', '256x320']);
  });

  it('keeps six, and lets go of the one that was not asked for longest', async () => {
    const { sessions, opened, disposed } = aGiver();
    for (const width of [1, 2, 3, 4, 5, 6]) await sessions.of(32 * width, 32);
    expect(disposed).toEqual([]);
    await sessions.of(32, 32);
    await sessions.of(224, 32);
    expect(disposed).toEqual(['64x32']);
    await sessions.of(32, 32);
    expect(opened).toHaveLength(7);
    await sessions.of(64, 32);
    expect(disposed).toEqual(['64x32', '96x32']);
  });

  it('keeps nothing of a session that did not open', async () => {
    let tries = 0;
    const sessions = new SessionsBySize(async () => {
      tries++;
      if (tries === 1) throw new Error('out of memory');
      return { run: async () => [], dispose: async () => undefined };
    });
    await expect(sessions.of(32, 32)).rejects.toThrow('out of memory');
    await sessions.of(32, 32);
    expect(tries).toBe(2);
  });
});
