import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { LoadableNetwork, Tensor } from '../engines/inference-engine.ts';
import { openEveryEngine } from '../engines/select-engine.ts';
import { importTfjsGraphModel } from '../importers/tfjs-graph-model.ts';
import { CompiledCache } from '../models/compiled-cache.ts';
import { packageFolder } from '../models/model-files.ts';
import { compileOnnx } from '../onnx/compile-onnx.ts';
import { inventedNn4, inventedNumbers } from './nn4-small2/invented-weights.ts';
import { packagedNetworks } from './packaged-networks.ts';

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
  ['nn4-small2-openface', async () => inventedNn4('openface')],
  ['nn4-small2-seed', async () => inventedNn4('seed')],
  ['antispoof', () => graphModel('antispoof', ['Identity'])],
  ['liveness', () => graphModel('liveness', ['Identity'])],
  ['facemesh', () => graphModel('facemesh', ['Identity_2', 'Identity_1', 'Identity'])],
];

/** Two pictures for each input. */
function inputsOf(network: LoadableNetwork): Tensor[] {
  const next = inventedNumbers(network.inputs.length);
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
