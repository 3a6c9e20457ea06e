import { readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CompiledCache, type InferenceEngine, loadNn4, openEngine } from '@latchkey/vision';
import { nn4Chips, nn4Golden, nn4IsThere, unpackNn4 } from './vision-nn4-weights.ts';

if (!nn4IsThere) console.warn('The weights of nn4.small2 are not beside the repository: its golden test is skipped.');

(nn4IsThere ? describe : describe.skip)('nn4.small2 over OpenFace’s CSV files', () => {
  let engine: InferenceEngine;
  let folder: string;
  let cacheDir: string;
  beforeAll(async () => {
    engine = await openEngine('onnx', () => undefined);
    folder = await unpackNn4(true);
    cacheDir = join(folder, 'cache');
  });
  afterAll(async () => {
    await engine.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  const encode = async (variant: 'openface' | 'seed', lines: string[] = []) => {
    const { network, card } = await loadNn4(folder, variant, new CompiledCache(cacheDir), (line) => lines.push(line));
    const session = await engine.load(network);
    const [output] = await session.run([await nn4Chips()]);
    await session.dispose();
    return { values: [...(output?.data ?? [])], card };
  };

  it.each(['openface', 'seed'] as const)('gives the golden encodings of the variant %s to 1e-5', async (variant) => {
    const { values } = await encode(variant);
    const golden = await nn4Golden(variant);
    expect(golden).toHaveLength(8 * 128);
    expect(Math.max(...golden.map((value, i) => Math.abs(value - (values[i] ?? Number.NaN))))).toBeLessThan(1e-5);
  });

  it('tells its variants apart by model id and keeps the seed’s rule', async () => {
    const [openface, seed] = [(await encode('openface')).card, (await encode('seed')).card];
    expect(openface.id).toMatch(/^nn4-small2-openface@[0-9a-f]{12}\/chip96$/);
    expect(seed.id).not.toBe(openface.id);
    expect(seed).toMatchObject({ dimension: 128, maxDistance: 0.7, minMargin: 0 });
  });

  it('reads the folder once and again when a file has changed', async () => {
    const [first, second, third]: string[][] = [[], [], []];
    cacheDir = join(folder, 'another-cache');
    await encode('openface', first);
    expect(first?.at(-2)).toBe('reading OpenFace weights: 226 of 226 files');
    expect(first?.at(-1)).toContain('compiling nn4-small2-openface');
    await encode('openface', second);
    expect(second).toEqual([]);
    expect((await readdir(cacheDir)).filter((name) => name.endsWith('.weights'))).toHaveLength(1);

    const path = join(folder, 'dense_b.csv');
    await utimes(path, new Date(), new Date((await stat(path)).mtimeMs + 60_000));
    await encode('openface', third);
    expect(third?.at(-1)).toBe('reading OpenFace weights: 226 of 226 files');
  });

  it('demands all files of a real user and names those that are missing', async () => {
    const incomplete = await unpackNn4(false);
    try {
      await writeFile(join(incomplete, 'bn1_m.csv'), '');
      const act = loadNn4(incomplete, 'openface', new CompiledCache(cacheDir), () => undefined);
      await expect(act).rejects.toMatchObject({ code: 'model-missing' });
      await expect(act).rejects.toThrow(/6 of 226 weight files/);
      for (const name of ['bn1_m', 'inception_3c_3x3_conv2_w', 'inception_5a_1x1_conv_w', 'inception_5b_3x3_conv2_w'])
        await expect(act).rejects.toThrow(`${name}.csv`);
    } finally {
      await rm(incomplete, { recursive: true, force: true });
    }
  });
});
