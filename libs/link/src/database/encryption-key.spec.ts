import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isLatchkeyError } from '@latchkey/domain';
import { type TemporaryFolder, temporaryFolder } from '@latchkey/testing';
import { readOrCreateKey, writeOnce } from './encryption-key.ts';

let folder: TemporaryFolder;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

describe('readOrCreateKey', () => {
  it('makes 32 random bytes for the owner only, and gives the same ones again', () => {
    const path = folder.file('keys/local.key');
    const key = readOrCreateKey(path);
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(readOrCreateKey(path)).toBe(key);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(folder.file('keys')).mode & 0o777).toBe(0o700);
    expect(readdirSync(folder.file('keys'))).toEqual(['local.key']);
    expect(readOrCreateKey(folder.file('keys/other.key'))).not.toBe(key);
  });

  it('never replaces a damaged key, which somebody may still restore', () => {
    const path = folder.file('local.key');
    writeFileSync(path, 'half a key');
    expect(() => readOrCreateKey(path)).toThrow(expect.objectContaining({ code: 'storage-corrupt' }));
    expect(readFileSync(path, 'utf8')).toBe('half a key');
  });

  it('takes the key of another process that was faster', () => {
    const path = folder.file('local.key');
    writeOnce(path, 'ab'.repeat(32));
    writeOnce(path, 'cd'.repeat(32));
    expect(readOrCreateKey(path)).toBe('ab'.repeat(32));
    expect(readdirSync(folder.path)).toEqual(['local.key']);
  });

  it('says storage-failed where it cannot write', () => {
    writeFileSync(folder.file('file'), '');
    chmodSync(folder.file('file'), 0o600);
    let code: string | null = null;
    try {
      readOrCreateKey(folder.file('file/local.key'));
    } catch (error) {
      code = isLatchkeyError(error) ? error.code : null;
    }
    expect(code).toBe('storage-failed');
  });
});
