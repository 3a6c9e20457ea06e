import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RgbImage } from '@latchkey/domain';
import type { LoadableNetwork, Tensor } from '../engines/inference-engine.ts';
import { ImagePyramid } from '../image/image-pyramid.ts';
import { type PixelNormalisation, warpToPlanes } from '../image/warp.ts';
import { importTfjsGraphModel } from '../importers/tfjs-graph-model.ts';
import type { CompiledCache } from '../models/compiled-cache.ts';
import { packageFolder } from '../models/model-files.ts';
import { inventedNn4, inventedNumbers } from '../networks/nn4-small2/invented-weights.ts';
import { packagedNetworks } from '../networks/packaged-networks.ts';
import { compileOnnx } from '../onnx/compile-onnx.ts';

/** A network and the inputs on which engines are held to each other and to stored outputs. */
export interface NetworkCase {
  readonly network: LoadableNetwork;
  /** Of what the outputs are numbers, for the tolerance: an encoding is held to 1e-4 whatever its size. */
  readonly task: 'detector' | 'landmarks' | 'encoder' | 'liveness';
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
};

const tasks: Readonly<Record<string, NetworkCase['task']>> = {
  blazeface: 'detector',
  'tiny-face': 'detector',
  'ssd-mobilenet': 'detector',
  landmarks68: 'landmarks',
  facemesh: 'landmarks',
  antispoof: 'liveness',
  liveness: 'liveness',
};

/** A face of face-api's `sample1.jpg` with what is around it, as a square in its pixels. */
const FACE = { file: 'demo/sample1.jpg', x: 360, y: 345, side: 300 } as const;

/**
 * Every network that is described here. `nn4.small2` has made-up weights: its trained ones come with no package.
 * @param decode reads a picture file.
 */
export async function networkCases(
  cache: CompiledCache,
  decode: (bytes: Uint8Array) => Promise<RgbImage>,
): Promise<readonly NetworkCase[]> {
  const photograph = await decode(await readFile(join(packageFolder('@vladmandic/face-api'), FACE.file)));
  const networks = [
    ...(await packagedNetworks(cache, () => undefined)),
    inventedNn4('openface'),
    inventedNn4('seed'),
    await graphModel('antispoof', ['Identity']),
    await graphModel('liveness', ['Identity']),
    await graphModel('facemesh', ['Identity_2', 'Identity_1', 'Identity']),
  ];
  return networks.map((network) => ({
    network,
    task: tasks[network.name] ?? 'encoder',
    inputs: { noise: noiseFor(network), face: faceFor(network, photograph) },
  }));
}

async function graphModel(name: string, outputs: readonly string[]): Promise<LoadableNetwork> {
  const folder = join(packageFolder('@vladmandic/human'), 'models');
  const [json, weights] = [await readFile(join(folder, `${name}.json`)), await readFile(join(folder, `${name}.bin`))];
  const graph = importTfjsGraphModel(name, json, weights, outputs);
  return { ...graph, graph: async () => graph, onnx: async () => compileOnnx(graph) };
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
