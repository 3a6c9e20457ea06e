import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCliConfig } from '@latchkey/config';
import { isLatchkeyError } from '@latchkey/domain';
import { CompiledCache, everyNetwork, openEveryEngine } from '@latchkey/vision';
import { soakNetwork } from './engine-soak.ts';
import { type Figure, figureOf } from './figure.ts';

const defaultRuns = 5000;

/** Of 4,000 runs: far below one input, output or intermediate result for each, and above what allocators keep. */
const goalMiB = 16;

/** Ready ONNX files, beside the repository. */
const readyFolder = fileURLToPath(new URL('../../../shared/models/', import.meta.url));

/**
 * Many runs of every network on every engine that loads: memory stays where it is and no tensor is left. With 5,000 runs it
 * takes about an hour on two cores.
 * @param flags `--runs=N` for another number; `--engines=A,B` and `--networks=A,B` for some alone, in that order.
 */
export async function measureEngineMemory(flags: readonly string[]): Promise<readonly Figure[]> {
  const runs = Number(flagValue(flags, 'runs') ?? defaultRuns);
  const cacheDir = await mkdtemp(join(tmpdir(), 'latchkey-bench-'));
  const figures: Figure[] = [];
  const engines = await openEveryEngine({ engineDir: readCliConfig().engineDir });
  try {
    const networks = chosen(await everyNetwork(new CompiledCache(cacheDir), readyFolder), flagValue(flags, 'networks'));
    for (const engine of chosen(engines, flagValue(flags, 'engines'))) {
      console.error(`${engine.name}: ${engine.description}`);
      for (const network of networks) {
        const id = `engine-memory.${engine.name}.${network.name}`;
        const started = performance.now();
        const soaked = await soakNetwork(engine, network, runs).catch((error: unknown) => {
          if (isLatchkeyError(error, 'engine-unavailable')) return error.message;
          throw error;
        });
        if (typeof soaked === 'string') {
          console.error(`${id}: skipped, ${soaked}`);
          continue;
        }
        const { growthMiB, tensorsLeft } = soaked;
        const seconds = ((performance.now() - started) / 1000).toFixed(0);
        console.error(
          `${id}: ${growthMiB.toFixed(1)} MiB more, ${tensorsLeft} tensors left after ${runs} runs (${seconds} s)`,
        );
        const bound = { higherIsBetter: false } as const;
        figures.push(
          figureOf({ id: `${id}.growth`, value: growthMiB, unit: `MiB in ${runs} runs`, goal: goalMiB, ...bound }),
          figureOf({ id: `${id}.tensors`, value: tensorsLeft, unit: 'tensors left', goal: 0, ...bound }),
        );
      }
    }
    return figures;
  } finally {
    for (const engine of engines) await engine.dispose();
    await rm(cacheDir, { recursive: true, force: true });
  }
}

function flagValue(flags: readonly string[], name: string): string | undefined {
  return flags.find((flag) => flag.startsWith(`--${name}=`))?.slice(`--${name}=`.length);
}

/** Those of a list of names, in its order; all of them without one. */
function chosen<Item extends { readonly name: string }>(
  items: readonly Item[],
  names: string | undefined,
): readonly Item[] {
  if (names === undefined) return items;
  return names.split(',').map((name) => {
    const item = items.find((candidate) => candidate.name === name);
    if (!item) throw new Error(`There is no "${name}"; there is ${items.map((known) => known.name).join(', ')}.`);
    return item;
  });
}
