import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCliConfig } from '@latchkey/config';
import { CompiledCache, inventedNn4, openEveryEngine, packagedNetworks } from '@latchkey/vision';
import { soakNetwork } from './engine-soak.ts';
import { type Figure, figureOf } from './figure.ts';

const defaultRuns = 5000;

/** Of 4,000 runs: far below one input, output or intermediate result for each, and above what allocators keep. */
const goalMiB = 16;

/**
 * Many runs of every network on every engine that loads: memory stays where it is and no tensor is left. With 5,000 runs it
 * takes 40 minutes to an hour on two cores.
 * @param flags `--runs=N` for another number.
 */
export async function measureEngineMemory(flags: readonly string[]): Promise<readonly Figure[]> {
  const given = flags.find((flag) => flag.startsWith('--runs='));
  const runs = given === undefined ? defaultRuns : Number(given.slice('--runs='.length));
  const cacheDir = await mkdtemp(join(tmpdir(), 'latchkey-bench-'));
  const figures: Figure[] = [];
  try {
    const networks = [
      ...(await packagedNetworks(new CompiledCache(cacheDir), () => undefined)),
      inventedNn4('openface'),
      inventedNn4('seed'),
    ];
    for (const engine of await openEveryEngine({ engineDir: readCliConfig().engineDir })) {
      for (const network of networks) {
        const id = `engine-memory.${engine.name}.${network.name}`;
        const { growthMiB, tensorsLeft } = await soakNetwork(engine, network, runs);
        console.error(`${id}: ${growthMiB.toFixed(1)} MiB more, ${tensorsLeft} tensors left after ${runs} runs`);
        const bound = { higherIsBetter: false } as const;
        figures.push(
          figureOf({ id: `${id}.growth`, value: growthMiB, unit: `MiB in ${runs} runs`, goal: goalMiB, ...bound }),
          figureOf({ id: `${id}.tensors`, value: tensorsLeft, unit: 'tensors left', goal: 0, ...bound }),
        );
      }
      await engine.dispose();
    }
    return figures;
  } finally {
    await rm(cacheDir, { recursive: true, force: true });
  }
}
