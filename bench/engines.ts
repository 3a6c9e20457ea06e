import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCliConfig } from '@latchkey/config';
import {
  CompiledCache,
  everyNetwork,
  type InferenceEngine,
  type LoadableNetwork,
  openEveryEngine,
  type Tensor,
} from '@latchkey/vision';
import * as ort from 'onnxruntime-node';
import { chosen, readyFolder } from './chosen.ts';
import { measureEnginePeers } from './engine-peers.ts';
import { inputsOf } from './engine-soak.ts';
import { measureNn4Import, measureStarts } from './engine-starts.ts';
import { type Figure, figureOf } from './figure.ts';
import { interleavedMs } from './interleaved.ts';

const batches = [1, 8, 32] as const;

/** The longest that one measurement takes, unless three rounds of it take longer. */
const budgetMs = 1000;

/** A measurement that would take longer than this is left out: what a batch costs is known from the smaller one. */
const longestRunMs = 4000;

/** Our path may cost a tenth more than a bare session on the same bytes. */
const allowedRatio = 1.1;

/** There is no goal for other engines than the default: they are for machines on which it does not run. */
const noGoal = Number.POSITIVE_INFINITY;

/**
 * Every network on every engine that loads here, at several batch sizes, with a bare ONNX Runtime session beside the
 * default engine; Keras and dlib in Python beside it where they can be imported; import and cached start of `nn4.small2`;
 * cold and warm start of the default networks in processes of their own.
 * @param flags `--engines=A,B` and `--networks=A,B` for some alone.
 */
export async function measureEngines(flags: readonly string[]): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-bench-'));
  try {
    const cache = new CompiledCache(join(folder, 'networks'));
    const networks = chosen(await everyNetwork(cache, readyFolder), flags, 'networks');
    const figures = [
      ...(await measureNn4Import(join(folder, 'csv'), new CompiledCache(join(folder, 'nn4')))),
      ...(await measureStarts(join(folder, 'start'))),
    ];
    const engines = await openEveryEngine({ engineDir: readCliConfig().engineDir });
    for (const engine of chosen(engines, flags, 'engines')) {
      console.error(`${engine.name}: ${engine.description}`);
      for (const network of networks) figures.push(...(await measureNetwork(engine, network)));
    }
    for (const engine of engines) await engine.dispose();
    return [...figures, ...(await measureEnginePeers(figures))];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureNetwork(engine: InferenceEngine, network: LoadableNetwork): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  const session = await engine.load(network);
  const bare = engine.name === 'onnx' ? await bareSession(network) : null;
  let msAnImage = 0;
  for (const batch of batches) {
    const id = `engines.${engine.name}.${network.name}.${batch}`;
    if (msAnImage * batch > longestRunMs) {
      console.error(`${id}: left out, one run would take ${((msAnImage * batch) / 1000).toFixed(0)} s`);
      continue;
    }
    const inputs = inputsOf(network, batch);
    const works = [() => session.run(inputs), ...(bare ? [() => bare.run(inputs)] : [])];
    const [ours, limit] = await interleavedMs(works, budgetMs, allowedRatio);
    msAnImage = (ours?.median ?? Number.NaN) / batch;
    figures.push(figureOf({ id, value: msAnImage, unit: 'ms an image', goal: noGoal, higherIsBetter: false }));
    if (!ours || !limit) continue;
    const peer = { name: 'bare session, ms an image', value: Number((limit.median / batch).toPrecision(4)) };
    const value = ours.fastest / limit.fastest;
    figures.push(figureOf({ id: `${id}.of-bare`, value, unit: '×', goal: allowedRatio, higherIsBetter: false, peer }));
  }
  await session.dispose();
  await bare?.release();
  return figures;
}

/** The same bytes with the same options, and nothing around them. */
async function bareSession(network: LoadableNetwork): Promise<{
  run(inputs: readonly Tensor[]): Promise<unknown>;
  release(): Promise<void>;
}> {
  const session = await ort.InferenceSession.create(await network.onnx(), {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  });
  return {
    run: (inputs) =>
      session.run(
        Object.fromEntries(
          network.inputs.map((spec, i) => {
            const { data = new Float32Array(), shape = [] } = inputs[i] ?? {};
            return [spec.name, new ort.Tensor('float32', data, [...shape])];
          }),
        ),
      ),
    release: () => session.release(),
  };
}
