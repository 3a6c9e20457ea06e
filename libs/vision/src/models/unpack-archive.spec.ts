import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { unpackArchive } from './unpack-archive.ts';

let folder: string;
let target: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-archive-'));
  target = join(folder, 'target');
  await mkdir(target);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface ZipEntry {
  readonly name: string;
  readonly content: string;
  readonly stored?: boolean;
  readonly flags?: number;
  /** Instead of the content's true length. */
  readonly size?: number;
}

/** A zip file by PKWARE's APPNOTE.TXT, without check sums. */
function zip(entries: readonly ZipEntry[]): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const { name, content, stored = false, flags = 0, size = content.length } of entries) {
    const data = stored ? Buffer.from(content) : deflateRawSync(content);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(flags, 2);
    common.writeUInt16LE(stored ? 0 : 8, 4);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(size, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), data]);
    const central = Buffer.alloc(46);
    central.write('PK\x01\x02', 'latin1');
    common.copy(central, 6);
    central.writeUInt32LE(offset, 42);
    locals.push(local);
    centrals.push(central, Buffer.from(name));
    offset += local.length;
  }
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, ...centrals, end, Buffer.from('a comment')]);
}

async function unpacked(bytes: Buffer): Promise<void> {
  await writeFile(join(folder, 'archive'), bytes);
  await unpackArchive(join(folder, 'archive'), target);
}

describe('unpackArchive', () => {
  it('unpacks a zip with folders, deflated and stored', async () => {
    await unpacked(
      zip([
        { name: 'weights/', content: '', stored: true },
        { name: 'weights/a.csv', content: '1,2,3\n'.repeat(1000) },
        { name: 'b.csv', content: '4', stored: true },
      ]),
    );
    expect(await readFile(join(target, 'weights', 'a.csv'), 'utf8')).toBe('1,2,3\n'.repeat(1000));
    expect(await readFile(join(target, 'b.csv'), 'utf8')).toBe('4');
  });

  it.each(['-cf', '-czf'])('unpacks what tar made with %s', async (flags) => {
    await writeFile(join(folder, 'a.csv'), '1,2');
    execFileSync('tar', [flags, join(folder, 'made'), '-C', folder, 'a.csv']);
    await unpackArchive(join(folder, 'made'), target);
    expect(await readFile(join(target, 'a.csv'), 'utf8')).toBe('1,2');
  });

  const whole = zip([{ name: 'a.csv', content: '1,2,3\n'.repeat(1000) }]);
  it.each([
    ['is no archive', Buffer.from('hello')],
    ['is empty', Buffer.alloc(0)],
    ['is cut off', whole.subarray(0, 40)],
    ['begins like a zip only', Buffer.from('PK\x03\x04 and more')],
    ['has damaged data', Buffer.concat([whole.subarray(0, 36), Buffer.alloc(12, 0xff), whole.subarray(48)])],
    ['is longer than it says', zip([{ name: 'a.csv', content: '1,2,3', size: 2 }])],
    ['is shorter than it says', zip([{ name: 'a.csv', content: '1,2,3', size: 20 }])],
    ['is encrypted', zip([{ name: 'a.csv', content: '1,2,3', flags: 1 }])],
    ['unpacks to gigabytes', zip([{ name: 'a.csv', content: '1,2,3', size: 0xf0000000 }])],
    ['would write outside', zip([{ name: '../a.csv', content: '1,2,3' }])],
    ['would write anywhere', zip([{ name: '/tmp/a.csv', content: '1,2,3' }])],
  ])('refuses a file that %s', async (_, bytes) => {
    await expect(unpacked(bytes)).rejects.toMatchObject({ code: 'invalid-input' });
    expect(await readdir(folder)).toEqual(['archive', 'target']);
    expect(await readdir(target)).toEqual([]);
  });
});
