import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { CompiledCache, openEveryEngine, packagedNetworks } from '@latchkey/vision';
import { residentMiB, soakNetwork } from '../../bench/engine-soak.ts';

const cacheDir = await mkdtemp(join(tmpdir(), 'latchkey-engine-memory-'));
const networks = await packagedNetworks(new CompiledCache(cacheDir), () => undefined);
const engines = await openEveryEngine({ engineDir: process.env.LATCHKEY_ENGINE_DIR });

afterAll(async () => {
  for (const engine of engines) await engine.dispose();
  await rm(cacheDir, { recursive: true, force: true });
});

const named = (name: string) => networks.filter((network) => network.name === name);

/** `npm run bench -- engine-memory` does this with 5,000 runs of every network. */
describe.each(engines)('memory of the engine $name', (engine) => {
  it('stays where it is over many runs, with no tensor left', async () => {
    for (const network of named('landmarks68')) {
      const { growthMiB, tensorsLeft } = await soakNetwork(engine, network, 500);
      expect(tensorsLeft).toBe(0);
      // The pictures of the runs that count are 60 MiB; their intermediate results many times that.
      expect(growthMiB).toBeLessThan(40);
    }
  });

  it('comes back when networks are disposed of', async () => {
    for (const network of named('dlib-resnet34')) {
      const [graph, onnx] = [await network.graph(), await network.onnx()];
      const loaded = { ...network, graph: async () => graph, onnx: async () => onnx };
      const cycle = async (times: number): Promise<void> => {
        for (let i = 0; i < times; i++) await (await engine.load(loaded)).dispose();
      };
      const tensors = engine.tensorCount();
      await cycle(2);
      const before = residentMiB();
      await cycle(5);
      expect(engine.tensorCount()).toBe(tensors);
      // Weights of 5 networks that nobody gave back would be 110 MiB.
      expect(residentMiB() - before).toBeLessThan(80);
    }
  });
});
