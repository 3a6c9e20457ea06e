import { LatchkeyError } from '@latchkey/domain';
import { CompiledCache } from '../models/compiled-cache.ts';
import { readModelManifest } from '../models/model-manifest.ts';
import { CHIP_PX, dlibResnet34 } from '../networks/dlib-resnet34/network.ts';
import { loadable } from '../networks/load-network.ts';
import { goldenEncoding } from './golden-encoding.ts';
import type { EngineName } from './inference-engine.ts';
import { type EngineOptions, openOneEngine } from './select-engine.ts';

/** What {@link testEngine} found. */
export interface EngineTest {
  readonly engine: EngineName;
  readonly description: string;
  /** Largest difference of a value from the golden encoding. */
  readonly maxDifference: number;
}

/** Engines agree with each other to this (DESIGN.md §3). */
const tolerance = 1e-4;

/** Runs before the one that is compared: kernels that are chosen while running must be right then too. */
const runs = 3;

/**
 * Encodes a made-up chip with the default encoder on one engine and compares with the encoding that all engines give.
 * @param cacheDir folder for compiled networks.
 * @throws LatchkeyError `engine-unavailable` when the engine does not load or computes something else.
 */
export async function testEngine(name: EngineName, cacheDir: string, options: EngineOptions): Promise<EngineTest> {
  const engine = await openOneEngine(name, options);
  try {
    const network = loadable(dlibResnet34, await readModelManifest(), new CompiledCache(cacheDir), () => undefined);
    const session = await engine.load(network);
    const input = { shape: [1, 3, CHIP_PX, CHIP_PX], data: goldenChip() };
    let maxDifference = 0;
    for (let run = 0; run < runs; run++) {
      const [output] = await session.run([input]);
      maxDifference = goldenEncoding().reduce(
        (max, value, i) => Math.max(max, Math.abs(value - (output?.data[i] ?? Number.POSITIVE_INFINITY))),
        maxDifference,
      );
    }
    if (maxDifference < tolerance) return { engine: name, description: engine.description, maxDifference };
    throw new LatchkeyError(
      'engine-unavailable',
      `${engine.description} loads, but its encoding differs from the golden one by ${maxDifference.toExponential(1)} ` +
        `(at most ${tolerance} is right): it is not used. On a GPU, NVIDIA_TF32_OVERRIDE=0 gives full precision.`,
      { details: { maxDifference } },
    );
  } finally {
    await engine.dispose();
  }
}

/** Waves of different lengths in the three channels, within the encoder's range of values. */
export function goldenChip(): Float32Array {
  const plane = CHIP_PX * CHIP_PX;
  return Float32Array.from({ length: 3 * plane }, (_, i) => {
    const [channel, y, x] = [Math.floor(i / plane), Math.floor((i % plane) / CHIP_PX), i % CHIP_PX];
    return 0.4 * Math.sin(x / (5 + channel)) * Math.cos(y / (9 - channel));
  });
}
