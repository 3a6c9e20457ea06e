import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RgbImage } from '@latchkey/domain';
import type { LoadableNetwork, Tensor } from '../engines/inference-engine.ts';
import { ImagePyramid } from '../image/image-pyramid.ts';
import { type PixelNormalisation, warpToPlanes } from '../image/warp.ts';
import type { CompiledCache } from '../models/compiled-cache.ts';
import { packageFolder } from '../models/model-files.ts';
import { everyNetwork } from '../networks/every-network.ts';
import { inventedNumbers } from '../networks/nn4-small2/invented-weights.ts';

/** A network and the inputs on which engines are held to each other and to stored outputs. */
export interface NetworkCase {
  readonly network: LoadableNetwork;
  /**
   * The value of an output in the unit in which it is used, and in which 1e-4 is a difference that somebody could see: a place
   * as a share of the picture's side, a logit as the score that it stands for, everything else as it is.
   */
  inUnit(output: string, value: number): number;
  /** Two pictures of noise, and one face of a photograph. */
  readonly inputs: { readonly noise: readonly Tensor[]; readonly face: readonly Tensor[] };
}

/** How each network wants its pixels (`weights/manifest.json`); a network without an entry takes 0 … 1. */
const pixels: Readonly<Record<string, PixelNormalisation>> = {
  blazeface: { mean: [127.5, 127.5, 127.5], factor: 1 / 127.5 },
  landmarks68: { mean: [122.782, 117.001, 104.298], factor: 1 / 255 },
  'dlib-resnet34': { mean: [122.782, 117.001, 104.298], factor: 1 / 256 },
  'tiny-face': { mean: [117.001, 114.697, 97.404], factor: 1 / 255 },
  'ssd-mobilenet': { mean: [127.5, 127.5, 127.5], factor: 1 / 127.5 },
  yunet: { mean: [0, 0, 0], factor: 1 },
  mobilefacenet: { mean: [0.485 * 255, 0.456 * 255, 0.406 * 255], factor: 1 / (0.226 * 255) },
  sface: { mean: [0, 0, 0], factor: 1 },
};

const score = (logit: number): number => 1 / (1 + Math.exp(-logit));
const shareOf =
  (side: number) =>
  (px: number): number =>
    px / side;

/** The outputs whose numbers are not compared as they are: logits, and places in pixels of the network's input. */
const units: Readonly<Record<string, Readonly<Record<string, (value: number) => number>>>> = {
  blazeface: { Identity: score, Identity_1: score, Identity_2: shareOf(256), Identity_3: shareOf(256) },
  'ssd-mobilenet': { logits: score },
  facemesh: { Identity: shareOf(192), Identity_2: shareOf(192) },
};

/** A face of face-api's `sample1.jpg` with what is around it, as a square in its pixels. */
const FACE = { file: 'demo/sample1.jpg', x: 360, y: 345, side: 300 } as const;

/**
 * Every network that can be had here.
 * @param decode reads a picture file.
 * @param readyFolder folder with ready ONNX files.
 */
export async function networkCases(
  cache: CompiledCache,
  decode: (bytes: Uint8Array) => Promise<RgbImage>,
  readyFolder?: string,
): Promise<readonly NetworkCase[]> {
  const photograph = await decode(await readFile(join(packageFolder('@vladmandic/face-api'), FACE.file)));
  return (await everyNetwork(cache, readyFolder)).map((network) => ({
    network,
    inUnit: (output, value) => units[network.name]?.[output]?.(value) ?? value,
    inputs: { noise: noiseFor(network), face: faceFor(network, photograph) },
  }));
}

function noiseFor(network: LoadableNetwork): Tensor[] {
  const next = inventedNumbers(network.inputs.length);
  return network.inputs.map((spec) => {
    const shape = spec.shape.map((dim) => (dim === 'batch' ? 2 : dim));
    const size = shape.reduce((product, dim) => product * dim, 1);
    return { shape, data: Float32Array.from({ length: size }, () => next() / 2) };
  });
}

function faceFor(network: LoadableNetwork, photograph: RgbImage): Tensor[] {
  const normalisation = pixels[network.name] ?? { mean: [0, 0, 0], factor: 1 / 255 };
  return network.inputs.map((spec) => {
    const side = Number(spec.shape[2]);
    const data = new Float32Array(3 * side * side);
    const toPicture = { a: FACE.side / side, b: 0, tx: FACE.x, ty: FACE.y };
    warpToPlanes(new ImagePyramid(photograph), toPicture, side, normalisation, data);
    return { shape: [1, 3, side, side], data };
  });
}
