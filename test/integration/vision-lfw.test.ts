import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { squaredDistance } from '@latchkey/domain';
import { decodeImage, type FaceAnalyzer, type FaceObservation, startFaceAnalyzerWorker } from '@latchkey/vision';
import { lfwFolder } from './vision-samples.ts';

const folder = lfwFolder();
const WORKERS = 2;

interface Pair {
  readonly a: string;
  readonly b: string;
  readonly same: boolean;
}

/** LFW's pictures are cut so that the person they are of stands in the middle (250 × 250). */
function central(faces: readonly FaceObservation[]): FaceObservation | undefined {
  const away = ({ box }: FaceObservation): number =>
    Math.hypot(box.x + box.width / 2 - 125, box.y + box.height / 2 - 125);
  return [...faces].sort((a, b) => away(a) - away(b))[0];
}

/** @returns the number of pairs that are judged right; a face that was not found makes its pairs wrong. */
function rightAt(pairs: readonly Pair[], encodings: ReadonlyMap<string, Float32Array>, maxDistance: number): number {
  return pairs.filter(({ a, b, same }) => {
    const [left, right] = [encodings.get(a), encodings.get(b)];
    return left && right && Math.sqrt(squaredDistance(left, right)) <= maxDistance === same;
  }).length;
}

if (folder === null) {
  describe('LFW development pairs', () => {
    it.skip('are not on this machine: put them beside the repository as ../shared/faces/lfw-dev', () => undefined);
  });
} else {
  describe('LFW development pairs', () => {
    let cacheDir: string;
    const analyzers: FaceAnalyzer[] = [];
    beforeAll(async () => {
      cacheDir = await mkdtemp(join(tmpdir(), 'latchkey-lfw-'));
      for (let i = 0; i < WORKERS; i++) analyzers.push(await startFaceAnalyzerWorker({ cacheDir }));
    });
    afterAll(async () => {
      await Promise.all(analyzers.map((analyzer) => analyzer.dispose()));
      await rm(cacheDir, { recursive: true, force: true });
    });

    it('are told apart at the default threshold with at least 97.5 % right', async () => {
      const rows = (await readFile(join(folder, 'pairs.csv'), 'utf8')).trim().split('\n').slice(1);
      const pairs = rows.map((row): Pair => {
        const [a = '', b = '', same = ''] = row.trim().split(',');
        return { a, b, same: same === '1' };
      });
      expect(pairs).toHaveLength(800);
      const waiting = [...new Set(pairs.flatMap(({ a, b }) => [a, b]))];
      const total = waiting.length;
      const encodings = new Map<string, Float32Array>();
      const started = performance.now();
      await Promise.all(
        analyzers.map(async (analyzer) => {
          for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
            const image = await decodeImage(await readFile(join(folder, 'images', name)));
            const face = central(await analyzer.analyze(image));
            if (face) encodings.set(name, face.encoding.values);
          }
        }),
      );
      const msPerImage = (performance.now() - started) / total;
      const model = analyzers[0]?.model;
      const maxDistance = model?.maxDistance ?? 0;
      const accuracy = rightAt(pairs, encodings, maxDistance) / pairs.length;
      const others = [0.5, 0.529, 0.54, 0.55, 0.57, 0.58, 0.6].map(
        (limit) => `${limit} → ${(rightAt(pairs, encodings, limit) / pairs.length).toFixed(4)}`,
      );
      process.stdout.write(
        `lfw-dev, ${model?.id}: accuracy ${accuracy.toFixed(4)} at ${maxDistance}; ` +
          `${total - encodings.size} of ${total} images without a face; ${msPerImage.toFixed(1)} ms an image with ` +
          `${WORKERS} workers; others: ${others.join(', ')}\n`,
      );
      expect(encodings.size).toBe(total);
      expect(accuracy).toBeGreaterThanOrEqual(0.975);
    }, 300_000);
  });
}
