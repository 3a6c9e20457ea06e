import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EncodingStore } from './encoding-store.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-encodings-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const hash = (digit: string): string => digit.repeat(64);
const open = (engine = 'onnx'): EncodingStore => new EncodingStore(folder, ['net@1/chip', engine], 3);
const found = { face: { box: { x: 1.5, y: -2, width: 30, height: 40 }, values: Float32Array.of(0.1, -2, 3) }, ms: 12 };
const file = (): string => join(folder, readdirSync(folder)[0] ?? '');

describe('encodings of earlier runs', () => {
  it('are there for the next run, bit by bit; a picture without a face is remembered as well', async () => {
    const first = open();
    await first.put(hash('a'), found);
    await first.put(hash('b'), { face: null, ms: 9 });
    const second = open();
    expect(await second.get(hash('a'))).toEqual(found);
    expect(await second.get(hash('b'))).toEqual({ face: null, ms: 9 });
    expect(await second.get(hash('c'))).toBeUndefined();
  });

  it('are forgotten, on disk as well, when their pictures are gone', async () => {
    const first = open();
    await first.put(hash('a'), found);
    await first.put(hash('b'), { face: null, faces: 0, ms: 9 });
    await first.keepOnly(new Set([hash('b')]));
    expect(await first.get(hash('a'))).toBeUndefined();
    expect(readFileSync(file(), 'utf8')).not.toContain(hash('a'));
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    const second = open();
    await second.put(hash('c'), found);
    expect([await second.get(hash('a')), await open().get(hash('b')), await open().get(hash('c'))]).toEqual([
      undefined,
      { face: null, faces: 0, ms: 9 },
      found,
    ]);
  });

  it('are not taken for those of another engine', async () => {
    await open().put(hash('a'), found);
    expect(await open('wasm').get(hash('a'))).toBeUndefined();
  });

  it('are for their owner alone', async () => {
    await open().put(hash('a'), found);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
  });

  it('survive a line that a crash cut off, and the next line is whole', async () => {
    await open().put(hash('a'), found);
    appendFileSync(file(), readFileSync(file(), 'utf8').slice(0, 60));
    await open().put(hash('b'), found);
    const next = open();
    expect([await next.get(hash('a')), await next.get(hash('b'))]).toEqual([found, found]);
  });

  it('are left out when they are damaged or of another size', async () => {
    await open().put(hash('a'), found);
    const line = readFileSync(file(), 'utf8');
    writeFileSync(
      file(),
      `${line.replace('"ms":12', '"ms":-1')}not json\n${line.replace(/"values":"[^"]+"/, '"values":"AAAA"')}`,
    );
    expect(await open().get(hash('a'))).toBeUndefined();
  });

  it('cost nothing but time when the folder cannot be written', async () => {
    writeFileSync(join(folder, 'file'), '');
    const nowhere = new EncodingStore(join(folder, 'file'), ['net@1/chip'], 3);
    await nowhere.put(hash('a'), found);
    expect(await nowhere.get(hash('a'))).toEqual(found);
  });
});
