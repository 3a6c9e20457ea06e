import { describe, expect, it } from '@jest/globals';
import { LatchkeyError } from '@latchkey/domain';
import { type CommandedEnd, type Forgetting, wipeCommand } from './agent-commands.ts';

describe('the command wipe', () => {
  const full = () => {
    throw new LatchkeyError('storage-full', 'The disk is full.');
  };

  /** Carries it out; how it ended and what the process was asked to do. */
  async function wipe(changes: Partial<Forgetting>) {
    const ends: CommandedEnd[] = [];
    const parts = { beginWipe: () => undefined, forgetGalleries: () => undefined, pendingEvents: () => 0, ...changes };
    const end = await wipeCommand(parts, (how) => ends.push(how))(
      { name: 'wipe' },
      { commandId: 'c', signal: new AbortController().signal },
    );
    end.afterwards?.();
    return { ends, report: end.report };
  }

  it('says what is lost, and ends the agent', async () => {
    const { ends, report } = await wipe({ pendingEvents: () => 12 });
    expect(ends).toEqual(['wipe']);
    expect(report).toMatchObject({ outcome: 'done', message: expect.stringContaining('12 events') });
  });

  it('ends the agent also when the disk does not even say what is on it', async () => {
    const { ends, report } = await wipe({ pendingEvents: full });
    expect(ends).toEqual(['wipe']);
    expect(report).toMatchObject({ outcome: 'done', message: expect.stringContaining('does not say how many') });
  });

  it('forgets nobody as long as the key is not gone: central asks again', async () => {
    const done: string[] = [];
    await expect(wipe({ beginWipe: full, forgetGalleries: () => done.push('forgot') })).rejects.toMatchObject({
      code: 'storage-full',
    });
    expect(done).toEqual([]);
  });
});
