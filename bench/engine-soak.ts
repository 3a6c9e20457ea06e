import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { InferenceEngine, LoadableNetwork, Tensor } from '@latchkey/vision';

/** What many runs of one network left behind. */
export interface Soak {
  /** Resident memory after the last run less that after those that warm up, in MiB; 0 when it is not more. */
  readonly growthMiB: number;
  /** Tensors of the runtime after the network was disposed of, less those before it was loaded. */
  readonly tensorsLeft: number;
}

/** Runs within which allocators and caches find their size. */
const warmUpShare = 0.2;
const leastWarmUp = 200;

/** Runs a network many times on one picture, and disposes of it. */
export async function soakNetwork(engine: InferenceEngine, network: LoadableNetwork, runs: number): Promise<Soak> {
  const tensorsBefore = engine.tensorCount();
  const session = await engine.load(network);
  const inputs = inputsOf(network, 1);
  const warm = Math.max(Math.ceil(runs * warmUpShare), Math.min(leastWarmUp, runs >> 1));
  for (let run = 0; run < warm; run++) await session.run(inputs);
  const before = residentMiB();
  for (let run = warm; run < runs; run++) await session.run(inputs);
  const growthMiB = Math.max(0, residentMiB() - before);
  await session.dispose();
  return { growthMiB, tensorsLeft: engine.tensorCount() - tensorsBefore };
}

/** Inputs of a network that are the same in every run. */
export function inputsOf(network: LoadableNetwork, batch: number): Tensor[] {
  return network.inputs.map((spec) => {
    const shape = spec.shape.map((dim) => (dim === 'batch' ? batch : dim));
    const size = shape.reduce((product, dim) => product * dim, 1);
    return { shape, data: Float32Array.from({ length: size }, (_, i) => ((i * 31) % 255) / 255) };
  });
}

/** Memory of this process in MiB once everything that nobody holds was collected. */
export function residentMiB(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') for (let i = 0; i < 2; i++) collect();
  return process.memoryUsage.rss() / 1024 ** 2;
}
