import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { nn4CsvFiles } from '../networks/nn4-small2/weight-files.ts';
import { readCsvFolder } from './openface-csv.ts';
import { packWeights, unpackWeights } from './packed-weights.ts';

const expected = [
  { name: 'conv1_w', shape: [2, 1, 1, 2] },
  { name: 'conv1_b', shape: [2] },
];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-csv-'));
  await writeFile(join(folder, 'conv1_w.csv'), '0.5,-1e-3,3,4\n');
  await writeFile(join(folder, 'conv1_b.csv'), '1\r\n2\r\n');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('readCsvFolder', () => {
  it('reads numbers between commas and on lines of their own, and tells how far it is', async () => {
    const steps: string[] = [];
    const weights = await readCsvFolder(folder, expected, (done, total) => steps.push(`${done}/${total}`));
    expect(weights.map(({ name, shape, data }) => ({ name, shape, values: [...data] }))).toEqual([
      { name: 'conv1_w', shape: [2, 1, 1, 2], values: [0.5, Math.fround(-1e-3), 3, 4] },
      { name: 'conv1_b', shape: [2], values: [1, 2] },
    ]);
    expect(steps).toEqual(['1/2', '2/2']);
  });

  it('names every file that is missing or empty', async () => {
    await rm(join(folder, 'conv1_b.csv'));
    await writeFile(join(folder, 'conv1_w.csv'), '');
    const act = readCsvFolder(folder, expected);
    await expect(act).rejects.toMatchObject({
      code: 'model-missing',
      details: { missing: ['conv1_w.csv', 'conv1_b.csv'] },
    });
    await expect(act).rejects.toThrow(/2 of 2 weight files .*conv1_w\.csv, conv1_b\.csv/);
  });

  it.each([
    ['too few values', '1,2,3', /conv1_w\.csv: 3 values, expected 4 for \[2, 1, 1, 2\]/],
    ['too many values', '1,2,3,4,5', /conv1_w\.csv: 5 values, expected 4/],
    ['text', '1,2,three,4', /conv1_w\.csv: value 3 is "three", not a number/],
    ['NaN', '1,NaN,3,4', /conv1_w\.csv: value 2 is NaN/],
    ['an empty field', '1,,3,4', /conv1_w\.csv: value 2 is empty/],
    ['infinity', '1,2,3,-Infinity', /conv1_w\.csv: value 4 is -Infinity/],
    ['more than float32 can hold', '1e39,2,3,4', /conv1_w\.csv: value 1 is 1e39/],
    ['nothing but white space', ' \n ', /conv1_w\.csv: 0 values, expected 4/],
  ])('says what is wrong with a file of %s', async (_, text, message) => {
    await writeFile(join(folder, 'conv1_w.csv'), text);
    const act = readCsvFolder(folder, expected);
    await expect(act).rejects.toMatchObject({ code: 'model-corrupt', details: { file: 'conv1_w.csv' } });
    await expect(act).rejects.toThrow(message);
  });
});

describe('nn4.small2', () => {
  it('is 226 files of different names', () => {
    expect(new Set(nn4CsvFiles.map(({ name }) => name)).size).toBe(226);
  });
});

describe('packed weights', () => {
  const weights = [
    { name: 'a', shape: [2, 1], data: Float32Array.of(1, 2) },
    { name: 'b', shape: [1], data: Float32Array.of(-3) },
  ];

  it('come back as they went in', () => {
    const map = unpackWeights('net', packWeights(weights));
    expect([...map.expect('a', [2, 1]).data]).toEqual([1, 2]);
    expect([...map.expect('b', [1]).data]).toEqual([-3]);
  });

  it.each([
    ['truncated', (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 4)],
    ['cut within their header', (bytes: Uint8Array) => bytes.subarray(0, 20)],
    ['of another format', () => Uint8Array.of(8, 8, 18, 8, 108, 97, 116, 99)],
    ['empty', () => new Uint8Array()],
  ])('are refused when they are %s', (_, damage) => {
    expect(() => unpackWeights('net', damage(packWeights(weights)))).toThrow(
      expect.objectContaining({ code: 'model-corrupt' }),
    );
  });
});
