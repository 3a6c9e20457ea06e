import { setImmediate as nextTurn } from 'node:timers/promises';
import { CompiledCache } from '../models/compiled-cache.ts';
import { blazeface } from '../networks/blazeface/network.ts';
import { dlibResnet34 } from '../networks/dlib-resnet34/network.ts';
import { landmarks68 } from '../networks/landmarks68/network.ts';
import { inventedNn4 } from '../networks/nn4-small2/invented-weights.ts';
import { packagedNetworks } from '../networks/packaged-networks.ts';
import { keepEngineChoice } from './engine-choice.ts';
import type { EngineName, InferenceEngine, LoadableNetwork, Tensor } from './inference-engine.ts';
import { type EngineOptions, openEveryEngine } from './select-engine.ts';

/** One network on one engine, a picture at a time. */
export interface EngineTime {
  readonly engine: EngineName;
  readonly network: string;
  /** Median. */
  readonly ms: number;
}

/** An engine that was measured. */
export interface MeasuredEngine {
  readonly name: EngineName;
  readonly description: string;
  /** Milliseconds of all network passes that one face takes with the default networks. */
  readonly faceMs: number;
}

/** What {@link benchEngines} measured. */
export interface EngineBench {
  /** Fastest first; `auto` opens the first from now on. */
  readonly engines: readonly MeasuredEngine[];
  readonly times: readonly EngineTime[];
}

/** Options of {@link benchEngines}. */
export interface EngineBenchOptions extends EngineOptions {
  /** Folder for compiled networks. */
  readonly cacheDir: string;
  /** Folder of installed engines, in which the choice is kept. */
  readonly engineDir: string;
  /** Time for one network on one engine; three runs at least. */
  readonly budgetMs?: number;
  /** Nothing is kept when it is aborted. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (line: string) => void;
}

/** Passes of each network that the analyzer needs for one face: landmarks twice, chip and mirrored chip. */
const passesOfAFace: Readonly<Record<string, number>> = {
  [blazeface.name]: 1,
  [landmarks68.name]: 2,
  [dlibResnet34.name]: 2,
};

const minRuns = 3;

/**
 * Measures every network on every engine that loads, one picture at a time, and keeps the engine that is fastest for a
 * face as the one that `auto` opens.
 * @throws whatever `signal` is aborted with.
 */
export async function benchEngines(options: EngineBenchOptions): Promise<EngineBench> {
  const { cacheDir, engineDir, engineThreads, signal, onProgress = () => undefined } = options;
  const networks = [
    ...(await packagedNetworks(new CompiledCache(cacheDir), onProgress)),
    inventedNn4('openface'),
    inventedNn4('seed'),
  ];
  const opened = await openEveryEngine({ engineDir, engineThreads });
  const times: EngineTime[] = [];
  const engines: MeasuredEngine[] = [];
  try {
    for (const engine of opened) {
      let faceMs = 0;
      for (const network of networks) {
        signal?.throwIfAborted();
        onProgress(`${engine.name}: ${network.name}`);
        const ms = await measure(engine, network, options.budgetMs ?? 1000, signal);
        times.push({ engine: engine.name, network: network.name, ms });
        faceMs += ms * (passesOfAFace[network.name] ?? 0);
      }
      engines.push({ name: engine.name, description: engine.description, faceMs });
    }
  } finally {
    for (const engine of opened) await engine.dispose();
  }
  signal?.throwIfAborted();
  engines.sort((a, b) => a.faceMs - b.faceMs);
  const [fastest] = engines;
  if (fastest) await keepEngineChoice(engineDir, { ...fastest, engine: fastest.name });
  return { engines, times };
}

async function measure(
  engine: InferenceEngine,
  network: LoadableNetwork,
  budgetMs: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  const session = await engine.load(network);
  try {
    const inputs = onePicture(network);
    await session.run(inputs);
    const times: number[] = [];
    const end = performance.now() + budgetMs;
    while (times.length < minRuns || performance.now() < end) {
      // Engines that compute on this thread would keep a Ctrl-C from being noticed.
      await nextTurn();
      signal?.throwIfAborted();
      const started = performance.now();
      await session.run(inputs);
      times.push(performance.now() - started);
    }
    return times.sort((a, b) => a - b)[times.length >> 1] ?? Number.NaN;
  } finally {
    await session.dispose();
  }
}

function onePicture(network: LoadableNetwork): Tensor[] {
  return network.inputs.map((spec) => {
    const shape = spec.shape.map((dim) => (dim === 'batch' ? 1 : dim));
    const size = shape.reduce((product, dim) => product * dim, 1);
    return { shape, data: Float32Array.from({ length: size }, (_, i) => ((i * 31) % 255) / 255) };
  });
}
