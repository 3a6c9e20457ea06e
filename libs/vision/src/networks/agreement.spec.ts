import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { LoadableNetwork, Tensor } from '../engines/inference-engine.ts';
import { openEveryEngine } from '../engines/select-engine.ts';
import { packWeights } from '../importers/packed-weights.ts';
import { importTfjsGraphModel } from '../importers/tfjs-graph-model.ts';
import { CompiledCache } from '../models/compiled-cache.ts';
import { packageFolder } from '../models/model-files.ts';
import { compileOnnx } from '../onnx/compile-onnx.ts';
import type { Network } from './network.ts';
import { nn4Small2 } from './nn4-small2/network.ts';
import { nn4CsvFiles } from './nn4-small2/weight-files.ts';
import { packagedNetworks } from './packaged-networks.ts';

/** Numbers −1 … 1 that look like chance and are the same in every run (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 31 - 1;
  };
}

/** Weights that let signals through as trained ones do: He's range for filters, variances around one. */
function inventedNn4(): Uint8Array {
  const next = numbers(4);
  return packWeights(
    nn4CsvFiles
      .filter((file) => file.used)
      .map(({ name, shape }) => {
        const size = shape.reduce((product, dim) => product * dim, 1);
        const fanIn = size / (shape[0] ?? 1);
        const range = shape.length > 1 ? Math.sqrt(6 / fanIn) : 0.1;
        const centre = /bn\d?_[wv]$/.test(name) ? 1 : 0;
        return { name, shape, data: Float32Array.from({ length: size }, () => centre + range * next()) };
      }),
  );
}

function described(network: Network, files: readonly Uint8Array[]): LoadableNetwork {
  const graph = network.build(files);
  return { ...network, graph: async () => graph, onnx: async () => compileOnnx(graph) };
}

async function graphModel(name: string, outputs: readonly string[]): Promise<LoadableNetwork> {
  const folder = join(packageFolder('@vladmandic/human'), 'models');
  const [json, weights] = [await readFile(join(folder, `${name}.json`)), await readFile(join(folder, `${name}.bin`))];
  const graph = importTfjsGraphModel(name, json, weights, outputs);
  return { ...graph, graph: async () => graph, onnx: async () => compileOnnx(graph) };
}

const engines = await openEveryEngine({ engineDir: process.env.LATCHKEY_ENGINE_DIR });
const cacheDir = await mkdtemp(join(tmpdir(), 'latchkey-agreement-'));
const packaged = await packagedNetworks(new CompiledCache(cacheDir), () => undefined);
afterAll(async () => {
  for (const engine of engines) await engine.dispose();
  await rm(cacheDir, { recursive: true, force: true });
});

const networks: readonly (readonly [string, () => Promise<LoadableNetwork>])[] = [
  ...packaged.map((network) => [network.name, async () => network] as const),
  ...Object.values(nn4Small2).map(
    (network) => [network.name, async () => described(network, [inventedNn4()])] as const,
  ),
  ['antispoof', () => graphModel('antispoof', ['Identity'])],
  ['liveness', () => graphModel('liveness', ['Identity'])],
  ['facemesh', () => graphModel('facemesh', ['Identity_2', 'Identity_1', 'Identity'])],
];

/** Two pictures for each input. */
function inputsOf(network: LoadableNetwork): Tensor[] {
  const next = numbers(network.inputs.length);
  return network.inputs.map((spec) => {
    const shape = spec.shape.map((dim) => (dim === 'batch' ? 2 : dim));
    const size = shape.reduce((product, dim) => product * dim, 1);
    return { shape, data: Float32Array.from({ length: size }, () => next() / 2) };
  });
}

/** Of the largest value, where that is more than 1: float32 has about seven digits, whatever a network's unit is. */
const TOLERANCE = 1e-4;

describe('every network on every engine', () => {
  it.each(networks)('%s gives the same, and leaves no tensor behind', async (_, open) => {
    const network = await open();
    const inputs = inputsOf(network);
    const [reference, ...others] = engines;
    if (!reference) throw new Error('no engine loads');
    const session = await reference.load(network);
    const expected = await session.run(inputs);
    await session.dispose();
    for (const engine of others) {
      const tensorsBefore = tf.memory().numTensors;
      const other = await engine.load(network);
      const loaded = tf.memory().numTensors;
      const outputs = await other.run(inputs);
      await other.run(inputs);
      expect(tf.memory().numTensors).toBe(loaded);
      await other.dispose();
      expect(tf.memory().numTensors).toBe(tensorsBefore);
      outputs.forEach((output, i) => {
        expect(output.shape).toEqual(expected[i]?.shape);
        const wanted = expected[i]?.data ?? new Float32Array();
        const scale = wanted.reduce((max, value) => Math.max(max, Math.abs(value)), 1);
        const worst = output.data.reduce(
          (max, value, k) => Math.max(max, Math.abs(value - (wanted[k] ?? Number.NaN))),
          0,
        );
        const where = { engine: engine.name, output: network.outputs[i]?.name, worst, scale };
        expect({ ...where, agrees: worst < TOLERANCE * scale }).toEqual({ ...where, agrees: true });
      });
    }
  });
});
