import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type TemporaryFolder, temporaryFolder } from '@latchkey/testing';
import { beginWipe, finishWipe } from './wipe.ts';

describe('wipe', () => {
  let folder: TemporaryFolder;

  beforeEach(() => {
    folder = temporaryFolder();
    for (const name of ['keys', 'data', 'run']) mkdirSync(folder.file(name));
    for (const name of ['agent.json', 'keys/agent.key', 'data/agent.db', 'data/agent.db-wal', 'options.json'])
      writeFileSync(folder.file(name), 'x');
  });

  afterEach(() => folder.remove());

  it('deletes what the agent wrote and nothing that somebody else put there', () => {
    beginWipe(folder.path);
    expect(finishWipe(folder.path)).toBe(true);
    expect(readdirSync(folder.path)).toEqual(['options.json']);
  });

  it('takes the key away first, and is finished by the next start when the agent was killed in between', () => {
    beginWipe(folder.path);
    expect([existsSync(folder.file('keys')), existsSync(folder.file('data/agent.db'))]).toEqual([false, true]);
    expect(finishWipe(folder.path)).toBe(true);
    expect(finishWipe(folder.path)).toBe(false);
  });

  it('leaves nothing of the key in what somebody else holds of its file', () => {
    writeFileSync(folder.file('keys/agent.key'), 'the key of this device');
    linkSync(folder.file('keys/agent.key'), folder.file('found'));
    beginWipe(folder.path);
    const found = readFileSync(folder.file('found'));
    expect([found.length, found.includes('key')]).toEqual([22, false]);
  });

  it('finishes nothing that was not begun', () => {
    expect(finishWipe(folder.path)).toBe(false);
    expect(existsSync(folder.file('agent.json'))).toBe(true);
  });
});
