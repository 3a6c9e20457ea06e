import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RgbImage } from '@latchkey/domain';
import { createFaceAnalyzer, decodeImage, type FaceAnalyzer } from '@latchkey/vision';
import * as ort from 'onnxruntime-node';
import { demoPictures } from './demo-pictures.ts';
import { type Figure, figureOf, medianMs } from './figure.ts';

/** Margin around the face, as a door's camera has it when somebody stands before it. */
const cropMargin = 0.5;

/**
 * From a picture with one face to its encoding, beside the same network passes in bare ONNX Runtime sessions in the same
 * run: what detection, alignment, quality and our own code cost on top of the arithmetic that nobody can spare.
 */
export async function measureEncode(): Promise<readonly Figure[]> {
  const cacheDir = await mkdtemp(join(tmpdir(), 'latchkey-bench-'));
  const analyzer = await createFaceAnalyzer({ cacheDir });
  try {
    const picture = await pictureOfOneFace(analyzer);
    const chain = await medianMs(() => analyzer.analyze(picture));
    // The encoding is the mean of the chip's and the mirrored chip's: two passes. One after another: two would share the cores.
    const detector = await bareMs(cacheDir, 'blazeface');
    const landmarks = await bareMs(cacheDir, 'landmarks68');
    const bare = detector + landmarks + 2 * (await bareMs(cacheDir, 'dlib-resnet34'));
    const peer = {
      name: 'bare ONNX Runtime sessions, one pass of each network (two of the encoder)',
      value: round(bare),
    };
    return [
      figureOf({ id: 'encode.picture', value: chain, unit: 'ms', goal: 60, higherIsBetter: false, peer }),
      figureOf({
        id: 'encode.of-limit',
        value: bare / chain,
        unit: 'of the limit',
        goal: 0.4,
        higherIsBetter: true,
        peer: { name: 'bare ONNX Runtime sessions', value: 1 },
      }),
    ];
  } finally {
    await analyzer.dispose();
    await rm(cacheDir, { recursive: true, force: true });
  }
}

const round = (value: number): number => Number(value.toPrecision(4));

/** The largest face of the sample pictures, cut out with a margin so that it is the only one. */
async function pictureOfOneFace(analyzer: FaceAnalyzer): Promise<RgbImage> {
  for (const path of demoPictures()) {
    const image = await decodeImage(await readFile(path));
    const [face] = await analyzer.analyze(image);
    if (!face) continue;
    const { x, y, width, height } = face.box;
    const cut = crop(
      image,
      x - width * cropMargin,
      y - height * cropMargin,
      width * (1 + 2 * cropMargin),
      height * (1 + 2 * cropMargin),
    );
    if ((await analyzer.analyze(cut)).length === 1) return cut;
  }
  throw new Error('No sample picture has a face that can be cut out alone.');
}

function crop(image: RgbImage, fromX: number, fromY: number, wide: number, high: number): RgbImage {
  const left = Math.max(0, Math.round(fromX));
  const top = Math.max(0, Math.round(fromY));
  const width = Math.min(image.width - left, Math.round(wide));
  const height = Math.min(image.height - top, Math.round(high));
  const data = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row++) {
    const start = ((top + row) * image.width + left) * 3;
    data.set(image.data.subarray(start, start + width * 3), row * width * 3);
  }
  return { width, height, data };
}

/** One pass of a compiled network without anything around it, with the options that the engine uses. */
async function bareMs(cacheDir: string, name: string): Promise<number> {
  const file = (await readdir(cacheDir)).find((entry) => entry.startsWith(`${name}.`));
  if (!file) throw new Error(`The compiled network ${name} is not in the cache.`);
  const session = await ort.InferenceSession.create(join(cacheDir, file), {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  });
  try {
    const feeds = Object.fromEntries(
      session.inputMetadata.map((input) => {
        if (!input.isTensor) throw new Error(`${name} takes something that is no tensor.`);
        const shape = input.shape.map((size) => (typeof size === 'number' && size > 0 ? size : 1));
        const values = Float32Array.from(
          { length: shape.reduce((all, size) => all * size, 1) },
          (_, i) => (i % 255) / 255,
        );
        return [input.name, new ort.Tensor('float32', values, shape)];
      }),
    );
    return await medianMs(() => session.run(feeds));
  } finally {
    await session.release();
  }
}
