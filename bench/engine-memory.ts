import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCliConfig } from '@latchkey/config';
import { CompiledCache, everyNetwork, openEveryEngine } from '@latchkey/vision';
import { chosen, flagValue, readyFolder } from './chosen.ts';
import { soakNetwork } from './engine-soak.ts';
import { type Figure, figureOf } from './figure.ts';

const defaultRuns = 5000;

/** Of 4,000 runs: far below one input, output or intermediate result for each, and above what allocators keep. */
const goalMiB = 16;

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
    const networks = chosen(await everyNetwork(new CompiledCache(cacheDir), readyFolder), flags, 'networks');
    for (const engine of chosen(engines, flags, 'engines')) {
      console.error(`${engine.name}: ${engine.description}`);
      for (const network of networks) {
        const id = `engine-memory.${engine.name}.${network.name}`;
        const started = performance.now();
        const { growthMiB, tensorsLeft } = await soakNetwork(engine, network, runs);
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
