import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openOneEngine } from '../engines/select-engine.ts';
import { decodeImage } from '../image/decode-image.ts';
import { ImagePyramid } from '../image/image-pyramid.ts';
import { type PixelNormalisation, warpToPlanes } from '../image/warp.ts';
import { CompiledCache } from '../models/compiled-cache.ts';
import { packageFolder } from '../models/model-files.ts';
import { findModel, readModelManifest } from '../models/model-manifest.ts';
import { loadable } from '../networks/load-network.ts';
import type { ScoredBox } from '../networks/scored-box.ts';
import { decodeSsd } from '../networks/ssd-mobilenet/decode.ts';
import { SSD_INPUT_PX, ssdMobilenet } from '../networks/ssd-mobilenet/network.ts';
import { decodeTinyFace } from '../networks/tiny-face/decode.ts';
import { TINY_FACE_INPUT_PX, tinyFace } from '../networks/tiny-face/network.ts';
import { suppressOverlaps } from './suppress-overlaps.ts';

const engine = await openOneEngine('onnx');
let cacheDir: string;
beforeAll(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'latchkey-detectors-'));
});
afterAll(async () => {
  await engine.dispose();
  await rm(cacheDir, { recursive: true, force: true });
});

const sample = async (number: number): Promise<ImagePyramid> => {
  const path = join(packageFolder('@vladmandic/face-api'), 'demo', `sample${number}.jpg`);
  return new ImagePyramid(await decodeImage(await readFile(path)));
};
/**
 * What face-api 1.7.15 itself finds (`locateFaces` on TensorFlow.js in WebAssembly) in the same squares: x, y, width,
 * height, score, surest first. Tiny face does miss some of the people.
 */
const detectors = [
  {
    network: tinyFace,
    side: TINY_FACE_INPUT_PX,
    decode: decodeTinyFace,
    pixels: { mean: [117.001, 114.697, 97.404], factor: 1 / 255 } satisfies PixelNormalisation,
    expected: {
      1: [
        [126.7, 67.4, 53.7, 47.9, 0.717],
        [241.2, 29.8, 53.1, 49.4, 0.651],
      ],
      2: [[238.9, 24.4, 44.7, 42, 0.527]],
      3: [
        [86.8, 56.5, 57.4, 47.5, 0.775],
        [242.9, 54.5, 48.7, 44.5, 0.74],
        [169, 40.3, 55.6, 52.1, 0.619],
      ],
      4: [
        [62.6, 27.3, 52.5, 51.1, 0.728],
        [154.8, 31.8, 45, 37.7, 0.585],
        [119.1, 29.9, 40.7, 35.3, 0.576],
        [98.1, 20.4, 45.8, 46.7, 0.511],
      ],
    },
  },
  {
    network: ssdMobilenet,
    side: SSD_INPUT_PX,
    decode: decodeSsd,
    pixels: { mean: [127.5, 127.5, 127.5], factor: 1 / 127.5 } satisfies PixelNormalisation,
    expected: {
      1: [
        [109.4, 94.7, 48.4, 63.3, 0.996],
        [223.1, 112.1, 51.4, 59.6, 0.989],
        [393.9, 53.1, 53, 63, 0.987],
      ],
      2: [
        [385.6, 41.2, 52.1, 64.1, 0.989],
        [240.6, 61.3, 39.1, 57.3, 0.862],
        [95.7, 37.3, 40.4, 66.5, 0.708],
      ],
      3: [
        [156.1, 88.6, 52.6, 71.8, 0.99],
        [403.6, 77.3, 44.9, 74.8, 0.964],
        [285.9, 57.5, 59, 78.5, 0.674],
      ],
      4: [
        [175, 11.8, 49.7, 69.1, 0.985],
        [68.1, 48.5, 43.2, 66.6, 0.972],
        [263.5, 48.6, 45.3, 59.2, 0.945],
        [340, 35.2, 39.8, 67.9, 0.864],
      ],
    },
  },
] as const;

describe('suppressOverlaps', () => {
  it('keeps the surest of a heap and what lies apart', () => {
    const box = (x: number, score: number): ScoredBox => ({ x, y: 0, width: 10, height: 10, score });
    expect(suppressOverlaps([box(1, 0.6), box(0, 0.9), box(30, 0.5)], 0.4)).toEqual([box(0, 0.9), box(30, 0.5)]);
    expect(suppressOverlaps([box(8, 0.6), box(0, 0.9)], 0.4)).toHaveLength(2);
  });
});

describe.each(detectors)('$network.name', ({ network, side, decode, pixels, expected }) => {
  it.each([1, 2, 3, 4] as const)('finds in photograph %i what face-api finds in it', async (number) => {
    const pyramid = await sample(number);
    const scale = Math.max(pyramid.image.width, pyramid.image.height) / side;
    const data = new Float32Array(3 * side * side);
    warpToPlanes(pyramid, { a: scale, b: 0, tx: 0, ty: 0 }, side, pixels, data);
    const models = await readModelManifest();
    const session = await engine.load(loadable(network, models, new CompiledCache(cacheDir), () => undefined));
    const outputs = await session.run([{ shape: [1, 3, side, side], data }]);
    await session.dispose();
    const { minScore = 1, maxOverlap = 0 } = findModel(models, network.name).detection ?? {};
    const boxes = suppressOverlaps(decode(outputs, 0, minScore), maxOverlap);
    expect(boxes.map((box) => [box.x, box.y, box.width, box.height, box.score])).toEqual(
      expected[number].map((box) => box.map((value, i) => expect.closeTo(value, i === 4 ? 2 : 0))),
    );
  });
});
