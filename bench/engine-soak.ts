import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { InferenceEngine, LoadableNetwork, Tensor } from '@latchkey/vision';

/** What many runs of one network left behind. */
export interface Soak {
  /**
   * By how much the floor of resident memory rose from the first quarter after the warm-up to the last, in MiB; 0 when it did not.
   * The floor, because allocators hold and give back what is free: with TensorFlow's large buffers more than 100 MiB up and down.
   */
  readonly growthMiB: number;
  /** Tensors of the runtime after the network was disposed of, less those before it was loaded. */
  readonly tensorsLeft: number;
}

/** Runs within which allocators and caches find their size. */
const warmUpShare = 0.2;
const leastWarmUp = 200;
/** Looks at the memory in each of the two quarters. */
const looks = 12;

/** Runs a network many times on one picture, and disposes of it. */
export async function soakNetwork(engine: InferenceEngine, network: LoadableNetwork, runs: number): Promise<Soak> {
  const tensorsBefore = engine.tensorCount();
  const session = await engine.load(network);
  const inputs = inputsOf(network, 1);
  const run = async (times: number): Promise<void> => {
    for (let i = 0; i < times; i++) await session.run(inputs);
  };
  const floorOver = async (times: number): Promise<number> => {
    let floor = Number.POSITIVE_INFINITY;
    for (let look = 0; look < looks; look++) {
      await run(Math.ceil(times / looks));
      floor = Math.min(floor, residentMiB());
    }
    return floor;
  };
  const warm = Math.max(Math.ceil(runs * warmUpShare), Math.min(leastWarmUp, runs >> 1));
  const quarter = (runs - warm) >> 2;
  await run(warm);
  const before = await floorOver(quarter);
  await run(runs - warm - 2 * quarter);
  const growthMiB = Math.max(0, (await floorOver(quarter)) - before);
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
