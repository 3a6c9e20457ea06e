import { closeSync, readFileSync, statSync, writeSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type TemporaryFolder, temporaryFolder } from '@latchkey/testing';
import { PartLog } from './part-log.ts';

const error = (msg: string) => `${JSON.stringify({ level: 50, msg })}\n`;

describe('the log of a part', () => {
  let folder: TemporaryFolder;
  let log: PartLog;

  beforeEach(() => {
    folder = temporaryFolder();
    log = new PartLog(folder.file('part.log'), 200);
  });
  afterEach(() => folder.remove());

  it('begins anew when it is full while a process writes, and keeps the full one beside it', () => {
    const descriptor = log.open();
    writeSync(descriptor, error('early'.padEnd(250, '.')));
    log.turnOver();
    writeSync(descriptor, error('late'));
    closeSync(descriptor);
    expect(readFileSync(log.path, 'utf8')).toBe(error('late'));
    expect(readFileSync(`${log.path}.1`, 'utf8')).toContain('early');
    expect(log.lastWords().text).toBe('late');
  });

  it('leaves a file that is not full, or not there, as it is', () => {
    log.turnOver();
    const descriptor = log.open();
    writeSync(descriptor, error('kept'));
    log.turnOver();
    closeSync(descriptor);
    expect(readFileSync(log.path, 'utf8')).toBe(error('kept'));
  });

  it('can be read by its owner only, also the one that was set aside', () => {
    closeSync(log.open());
    const descriptor = log.open();
    writeSync(descriptor, 'x'.repeat(300));
    closeSync(descriptor);
    log.turnOver();
    for (const path of [log.path, `${log.path}.1`]) expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('tells the last words of the present process only', () => {
    for (const word of ['first', 'second']) {
      const descriptor = log.open();
      writeSync(descriptor, error(word));
      closeSync(descriptor);
    }
    expect(log.lastWords().text).toBe('second');
  });
});
