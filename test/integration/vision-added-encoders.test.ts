import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RgbImage, squaredDistance } from '@latchkey/domain';
import { type AddedEncoder, createFaceAnalyzer, decodeImage, type FaceAnalyzer } from '@latchkey/vision';
import sharp from 'sharp';
import { lfwFolder, samplePath } from './vision-samples.ts';

const shared = (path: string): string => fileURLToPath(new URL(`../../../shared/${path}`, import.meta.url));
const mobilefacenet: AddedEncoder = { model: 'mobilefacenet', path: shared('models/mobilefacenet.onnx') };
const pictures = lfwFolder();
const there = existsSync(mobilefacenet.path) && pictures !== null;
if (!there) console.warn('MobileFaceNet and LFW are not beside the repository: added encoders are not tested.');

/** Pairs of each kind: enough to see that the alignment is right, few enough to be quick. */
const PAIRS = 25;

(there ? describe : describe.skip)('an added encoder', () => {
  let cacheDir: string;
  beforeAll(async () => {
    cacheDir = await mkdtemp(join(tmpdir(), 'latchkey-added-'));
  });
  afterAll(() => rm(cacheDir, { recursive: true, force: true }));

  const open = (encoder: AddedEncoder, engine: 'onnx' | 'wasm' = 'onnx'): Promise<FaceAnalyzer> =>
    createFaceAnalyzer({ cacheDir, engine, encoder });

  it('tells people apart at the thresholds of its card, in encodings of unit length', async () => {
    const analyzer = await open(mobilefacenet);
    expect(analyzer.model).toMatchObject({ id: 'mobilefacenet@foamliu-22d3e78/five112', dimension: 128 });
    const rows = (await readFile(join(pictures ?? '', 'pairs.csv'), 'utf8')).trim().split('\n').slice(1);
    const pairs = ['1', '0'].flatMap((kind) => rows.filter((row) => row.trim().endsWith(`,${kind}`)).slice(0, PAIRS));
    const encode = async (name = ''): Promise<Float32Array> => {
      const image = await decodeImage(await readFile(join(pictures ?? '', 'images', name)));
      const [face] = await analyzer.analyze(image);
      if (!face) throw new Error(`no face in ${name}`);
      expect(face.encoding.modelId).toBe(analyzer.model.id);
      expect(face.quality.score).toBeGreaterThan(0);
      expect(Math.hypot(...face.encoding.values)).toBeCloseTo(1, 4);
      return face.encoding.values;
    };
    const wrong: string[] = [];
    for (const row of pairs) {
      const [a, b, same] = row.trim().split(',');
      const distance = Math.sqrt(squaredDistance(await encode(a), await encode(b)));
      if (distance <= analyzer.model.maxDistance !== (same === '1')) wrong.push(`${row} ${distance}`);
    }
    await analyzer.dispose();
    expect(pairs).toHaveLength(2 * PAIRS);
    expect(wrong.length).toBeLessThanOrEqual(1);
  });

  it('sees a mirrored face as the same when it averages, under a model id of its own', async () => {
    const picture = sharp(samplePath(6)).resize(960);
    const [image, flopped] = await Promise.all(
      [picture.clone(), picture.clone().flop()].map(async (each) => decodeImage(await each.png().toBuffer())),
    );
    const drift = async (mirrored: boolean): Promise<number> => {
      const analyzer = await createFaceAnalyzer({ cacheDir, engine: 'onnx', encoder: mobilefacenet, mirrored });
      expect(analyzer.model.id.endsWith('/five112-mirrored')).toBe(mirrored);
      const [a, b] = await Promise.all([image, flopped].map(async (each) => analyzer.analyze(each as RgbImage)));
      await analyzer.dispose();
      const values = a?.[0]?.encoding.values ?? new Float32Array(128);
      expect(Math.hypot(...values)).toBeCloseTo(1, 4);
      const distances = b?.map(({ encoding }) => Math.sqrt(squaredDistance(encoding.values, values))) ?? [];
      return Math.min(...distances);
    };
    const [plain, averaged] = [await drift(false), await drift(true)];
    expect(averaged).toBeLessThan(0.8 * plain);
  });

  it('is not averaged where there are no thresholds for it', async () => {
    const encoder = { model: 'nn4-small2', variant: 'seed', folder: cacheDir } as const;
    await expect(createFaceAnalyzer({ cacheDir, encoder, mirrored: true })).rejects.toMatchObject({
      code: 'invalid-input',
    });
  });

  it('is refused when the file is damaged, of another version or absent, and the path is named', async () => {
    const damaged = join(cacheDir, 'damaged.onnx');
    await copyFile(mobilefacenet.path, damaged);
    await truncate(damaged, 1_000_000);
    const cases = [
      [{ model: 'mobilefacenet', path: damaged }, 'model-corrupt'],
      [{ model: 'sface', path: mobilefacenet.path }, 'model-corrupt'],
      [{ model: 'sface', path: join(cacheDir, 'absent.onnx') }, 'model-missing'],
      [{ model: 'nn4-small2', variant: 'seed', folder: cacheDir }, 'model-missing'],
    ] as const;
    for (const [encoder, code] of cases) {
      const act = open(encoder);
      await expect(act).rejects.toMatchObject({ code });
      await expect(act).rejects.toThrow('path' in encoder ? encoder.path : encoder.folder);
    }
  });

  it('that is an ONNX file gives the same encodings on an engine that runs no such files', async () => {
    const image = await decodeImage(await readFile(samplePath(6)));
    const encodings = [];
    for (const engine of ['onnx', 'wasm'] as const) {
      const analyzer = await open(mobilefacenet, engine);
      encodings.push((await analyzer.analyze(image)).map(({ encoding }) => encoding.values));
      await analyzer.dispose();
    }
    const [here = [], there = []] = encodings;
    expect(here).toHaveLength(4);
    expect(there).toHaveLength(4);
    here.forEach((values, i) => {
      expect(squaredDistance(values, there[i] ?? new Float32Array())).toBeLessThan(1e-8);
    });
  });

  it('that is a known variant has a model id of its own', async () => {
    const path = shared('models/sface-fp16-weights.onnx');
    const analyzer = await open({ model: 'sface', path });
    expect(analyzer.model).toMatchObject({ id: 'sface@2021dec-fp16/five112', maxDistance: 1.13 });
    await analyzer.dispose();
  });
});
