import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { nn4Golden, nn4IsThere, unpackNn4 } from './vision-nn4-weights.ts';

const cli = fileURLToPath(new URL('../../apps/cli/dist/main.js', import.meta.url));
const chip = (number: number): string =>
  fileURLToPath(new URL(`../../../shared/nn4/chip${number}.png`, import.meta.url));
if (!nn4IsThere)
  console.warn('The weights of nn4.small2 are not beside the repository: the seed’s policy is not tested.');

/**
 * The seed project's `verify` and `who_is_it` from the command line, held to the encodings that the network itself gives for
 * the chips (`golden.json`): Euclidean distance of whole pictures' encodings, 0.7, its words.
 */
(nn4IsThere ? describe : describe.skip)('the policy "seed"', () => {
  let folder: string;
  let gallery: string;
  let golden: readonly (readonly number[])[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'latchkey-seed-'));
    gallery = join(folder, 'gallery');
    await mkdir(join(gallery, 'train'), { recursive: true });
    const values = await nn4Golden('seed');
    golden = Array.from({ length: 8 }, (_, i) => values.slice(i * 128, (i + 1) * 128));
    await copyFile(chip(0), join(gallery, 'train', 'younes1.png'));
    await copyFile(chip(1), join(gallery, 'train', 'younes2.png'));
    await copyFile(chip(2), join(gallery, 'train', 'kian1.png'));
  }, 180_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** One that is in the gallery, and others. */
  const probes = [0, 3, 6];

  /** The compiled command, as a user runs it. */
  const latchkey = (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
    new Promise((resolve) => {
      const env = { ...process.env, LATCHKEY_MODEL_CACHE_DIR: join(folder, 'cache') };
      execFile(process.execPath, [cli, ...args], { env }, (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
      });
    });
  const bySeed = (...args: string[]) => latchkey(...args, '--gallery', gallery, '--policy', 'seed');

  /** numpy's `linalg.norm(a - b)` of two chips' encodings. */
  const apart = (a: number, b: number): number =>
    Math.hypot(...(golden[a] ?? []).map((value, i) => value - (golden[b]?.[i] ?? Number.NaN)));

  it('says what to add while its network is not there', async () => {
    const { code, stderr } = await bySeed('verify', chip(0), 'younes');
    expect(stderr).toMatch(/model-missing: .*latchkey models add nn4-small2 --file DIR.*--model dlib-resnet34/);
    expect(code).toBe(3);
  });

  describe('with nn4.small2', () => {
    beforeAll(async () => {
      const csv = await unpackNn4();
      try {
        const { code, stderr } = await latchkey('models', 'add', 'nn4-small2', '--file', csv, '--accept-licence');
        if (code !== 0) throw new Error(stderr);
      } finally {
        await rm(csv, { recursive: true, force: true });
      }
    }, 180_000);

    it('encodes whole pictures as the network does, to 1e-5', async () => {
      const { stdout } = await latchkey('encode', '--policy', 'seed', '--json', ...golden.map((_, i) => chip(i)));
      const encoded = stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(encoded).toHaveLength(8);
      for (const [i, { modelId, values, quality }] of encoded.entries()) {
        const differences = values.map((value: number, k: number) => Math.abs(value - (golden[i]?.[k] ?? Number.NaN)));
        expect(Math.max(...differences)).toBeLessThan(1e-5);
        expect(modelId).toMatch(/^nn4-small2-seed@[0-9a-f]{12}\/whole96$/);
        expect(quality).toBeNull();
      }
    });

    it('takes pictures of other sizes to 96 × 96 without keeping their aspect', async () => {
      const large = join(folder, 'large.png');
      // Twice as wide and three times as high: bilinear sampling gives the chip back.
      await sharp(chip(4)).resize({ width: 192, height: 288, fit: 'fill', kernel: 'nearest' }).png().toFile(large);
      const { stdout } = await latchkey('encode', large, '--policy', 'seed', '--json');
      const { values } = JSON.parse(stdout);
      const differences = values.map((value: number, k: number) => Math.abs(value - (golden[4]?.[k] ?? Number.NaN)));
      expect(Math.max(...differences)).toBeLessThan(1e-5);
    });

    it('verifies by the nearest picture of a person, below 0.7, in the seed’s words', async () => {
      for (const number of probes) {
        for (const [identity, chips] of [
          ['younes', [0, 1]],
          ['kian', [2]],
        ] as const) {
          const distance = Math.min(...chips.map((known) => apart(number, known)));
          const match = distance < 0.7;
          const { code, stdout } = await bySeed('verify', chip(number), identity);
          const [words, pair] = stdout.split('\n');
          expect(words).toBe(match ? `It's ${identity}, welcome home!` : `It's not ${identity}, please go away`);
          expect(pair).toMatch(new RegExp(`^\\(\\d\\.\\d{4}, ${match}\\)$`));
          expect(Number(pair?.slice(1, 7))).toBeCloseTo(distance, 3);
          expect(code).toBe(match ? 0 : 1);
        }
      }
    });

    it('names the nearest up to 0.7, in the seed’s words', async () => {
      for (const number of probes) {
        const [younes, kian] = [Math.min(apart(number, 0), apart(number, 1)), apart(number, 2)];
        const distance = Math.min(younes, kian);
        const { code, stdout } = await bySeed('recognize', chip(number), '--model', 'nn4-small2');
        const json = JSON.parse((await bySeed('recognize', chip(number), '--json')).stdout);
        expect(json.distance).toBeCloseTo(distance, 5);
        if (distance > 0.7) expect([stdout, code, json.name]).toEqual(['Not in the database.\n', 1, null]);
        else {
          const name = younes < kian ? 'younes' : 'kian';
          expect(stdout).toMatch(new RegExp(`^it's ${name}, the distance is \\d\\.\\d{4}\\n$`));
          expect([code, json.name]).toEqual([0, name]);
        }
      }
    });

    it('says "Not in the database." with its 100 when nobody is there', async () => {
      const empty = join(folder, 'empty');
      await mkdir(empty);
      const { code, stdout } = await latchkey('recognize', chip(0), '--policy', 'seed', '--json', '--gallery', empty);
      expect(JSON.parse(stdout)).toMatchObject({ granted: false, name: null, distance: 100 });
      expect(code).toBe(1);
    });

    it('judges by its rule on another encoder when one is asked for, and aligns faces for the door', async () => {
      const seed = await bySeed('recognize', chip(0), '--model', 'dlib-resnet34', '--json');
      expect(JSON.parse(seed.stdout).error?.code ?? 'answered').toMatch(/^(no-face|answered)$/);
      const door = await latchkey('encode', chip(0), '--model', 'nn4-small2-seed', '--json');
      expect(door.stdout).toMatch(/no-face|eyes-nose96/);
    });
  });
});
