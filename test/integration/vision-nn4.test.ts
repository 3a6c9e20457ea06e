import { link, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  CompiledCache,
  createFaceAnalyzer,
  decodeImage,
  loadNn4,
  type Nn4Variant,
  openEveryEngine,
  startFaceAnalyzerWorker,
} from '@latchkey/vision';
import { nn4Absent, nn4Chips, nn4Golden, nn4IsThere, unpackNn4 } from './vision-nn4-weights.ts';
import { samplePath } from './vision-samples.ts';

if (!nn4IsThere) console.warn('The weights of nn4.small2 are not beside the repository: its golden test is skipped.');

const variants: readonly Nn4Variant[] = ['openface', 'seed'];

(nn4IsThere ? describe : describe.skip)('nn4.small2 over OpenFace’s CSV files', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await unpackNn4();
  }, 180_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const load = (variant: Nn4Variant, cache: string, lines: string[] = []) =>
    loadNn4(folder, variant, new CompiledCache(join(folder, cache)), (line) => lines.push(line));

  it.each(variants)('gives the golden encodings of the variant %s to 1e-5 on every engine', async (variant) => {
    const golden = await nn4Golden(variant);
    expect(golden).toHaveLength(8 * 128);
    const chips = await nn4Chips();
    const { network } = await load(variant, 'cache');
    for (const engine of await openEveryEngine({ engineDir: process.env.LATCHKEY_ENGINE_DIR })) {
      const session = await engine.load(network);
      const [output] = await session.run([chips]);
      await engine.dispose();
      const differences = golden.map((value, i) => Math.abs(value - (output?.data[i] ?? Number.NaN)));
      expect({ engine: engine.name, within: Math.max(...differences) < 1e-5 }).toEqual({
        engine: engine.name,
        within: true,
      });
    }
  });

  it('tells its variants apart by model id and keeps the seed’s rule', async () => {
    const [openface, seed] = [(await load('openface', 'cache')).card, (await load('seed', 'cache')).card];
    expect(openface.id).toMatch(/^nn4-small2-openface@[0-9a-f]{12}\/eyes-nose96$/);
    expect(seed.id).not.toBe(openface.id);
    expect(seed).toMatchObject({ dimension: 128, maxDistance: 0.7, minMargin: 0 });
  });

  it.each(variants)(
    'encodes faces with the variant %s in a worker as in this thread, the second time out of the cache',
    async (variant) => {
      const cacheDir = join(folder, 'worker-cache');
      const image = await decodeImage(await readFile(samplePath(6)));
      const encoder = { model: 'nn4-small2', variant, folder } as const;
      const lines: string[] = [];
      const worker = await startFaceAnalyzerWorker({ cacheDir, encoder, onProgress: (line) => lines.push(line) });
      const local = await createFaceAnalyzer({ cacheDir, encoder });
      const [there, here] = [await worker.analyze(image), await local.analyze(image)];
      await Promise.all([worker.dispose(), local.dispose()]);
      expect(there).toHaveLength(4);
      expect(there).toEqual(here);
      expect(worker.model).toMatchObject({ dimension: 128, maxDistance: 0.7, minMargin: 0 });
      for (const { encoding } of there) {
        expect(encoding.modelId).toBe(worker.model.id);
        expect(Math.hypot(...encoding.values)).toBeCloseTo(1, 5);
      }
      expect(lines).toContainEqual(expect.stringMatching(/^inference by /));

      const again: string[] = [];
      const warm = await startFaceAnalyzerWorker({ cacheDir, encoder, onProgress: (line) => again.push(line) });
      expect(again).toEqual([expect.stringMatching(/^inference by /)]);
      expect(await warm.analyze(image)).toEqual(there);
      await warm.dispose();
    },
  );

  it('says in the worker’s start which file is wrong', async () => {
    const encoder = { model: 'nn4-small2', variant: 'seed', folder: join(folder, 'nowhere') } as const;
    const act = startFaceAnalyzerWorker({ cacheDir: join(folder, 'worker-cache'), encoder });
    await expect(act).rejects.toMatchObject({ code: 'model-missing' });
    await expect(act).rejects.toThrow(/226 of 226 weight files are not in .*nowhere/);
  });

  it('reads the folder once, and again when a file has changed', async () => {
    const all = 'reading OpenFace weights: 226 of 226 files';
    const [first, second, third]: [string[], string[], string[]] = [[], [], []];
    await load('openface', 'another-cache', first);
    expect(first.at(-1)).toBe(all);
    await load('openface', 'another-cache', second);
    expect(second).toEqual([]);
    expect(await readdir(join(folder, 'another-cache'))).toEqual([expect.stringMatching(/\.weights$/)]);

    const path = join(folder, 'dense_b.csv');
    await utimes(path, new Date(), new Date((await stat(path)).mtimeMs + 60_000));
    await load('openface', 'another-cache', third);
    expect(third.at(-1)).toBe(all);
  });

  it('demands all files of a real user and names those that are missing or empty', async () => {
    const incomplete = await mkdtemp(join(tmpdir(), 'latchkey-nn4-'));
    try {
      const names = (await readdir(folder)).filter((name) => name.endsWith('.csv') && name !== 'bn1_m.csv');
      const kept = names.filter((name) => !nn4Absent.includes(name));
      await Promise.all(kept.map((name) => link(join(folder, name), join(incomplete, name))));
      await writeFile(join(incomplete, 'bn1_m.csv'), '');
      const act = loadNn4(incomplete, 'openface', new CompiledCache(join(incomplete, 'cache')), () => undefined);
      await expect(act).rejects.toMatchObject({
        code: 'model-missing',
        details: { missing: expect.arrayContaining([...nn4Absent, 'bn1_m.csv']) },
      });
      await expect(act).rejects.toThrow(/6 of 226 weight files/);
      await expect(act).rejects.toThrow('inception_5a_1x1_conv_w.csv');
    } finally {
      await rm(incomplete, { recursive: true, force: true });
    }
  });
});
