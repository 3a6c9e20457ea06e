import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CompiledCache,
  type CsvFile,
  createFaceAnalyzer,
  type LoadableNetwork,
  loadNn4,
  nn4CsvFiles,
  openEveryEngine,
  packagedNetworks,
  type Tensor,
} from '@latchkey/vision';
import * as ort from 'onnxruntime-node';
import { type Figure, figureOf } from './figure.ts';

const batches = [1, 8, 32] as const;

/** The longest that one measurement takes. */
const budgetMs = 1500;
const maxRounds = 40;
const minRounds = 3;

/** Our path may cost a tenth more than a bare session on the same bytes. */
const allowedRatio = 1.1;

/** There is no goal for other engines than the default: they are for machines on which it does not run. */
const noGoal = Number.POSITIVE_INFINITY;

/**
 * Every network on every engine that loads here, at several batch sizes, with a bare ONNX Runtime session beside the
 * default engine; import and cached start of `nn4.small2`; cold and warm start of the default networks.
 */
export async function measureEngines(): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-bench-'));
  try {
    const cache = new CompiledCache(join(folder, 'networks'));
    const nn4 = await measureNn4(join(folder, 'csv'), cache);
    const networks = [...(await packagedNetworks(cache, () => undefined)), nn4.network];
    const figures = [...nn4.figures, ...(await measureStarts(join(folder, 'start')))];
    for (const engine of await openEveryEngine()) {
      for (const network of networks) {
        const session = await engine.load(network);
        const bare = engine.name === 'onnx' ? await bareSession(network) : null;
        for (const batch of batches) {
          const inputs = inputsOf(network, batch);
          const [ours = unmeasured, limit = unmeasured] = await interleavedMs([
            () => session.run(inputs),
            ...(bare ? [() => bare.run(inputs)] : []),
          ]);
          const id = `engines.${engine.name}.${network.name}.${batch}`;
          figures.push(
            figureOf({ id, value: ours.median / batch, unit: 'ms an image', goal: noGoal, higherIsBetter: false }),
          );
          if (!bare) continue;
          const peer = { name: 'bare session, ms an image', value: Number((limit.median / batch).toPrecision(4)) };
          const value = ours.fastest / limit.fastest;
          figures.push(
            figureOf({ id: `${id}.of-bare`, value, unit: '×', goal: allowedRatio, higherIsBetter: false, peer }),
          );
        }
        await session.dispose();
        await bare?.release();
      }
      await engine.dispose();
    }
    return figures;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** With weights that are made up: they cost the same time as trained ones. */
async function measureNn4(
  folder: string,
  cache: CompiledCache,
): Promise<{ network: LoadableNetwork; figures: readonly Figure[] }> {
  await mkdir(folder);
  for (const file of nn4CsvFiles) await writeFile(join(folder, `${file.name}.csv`), inventedCsv(file));
  const load = async () => {
    const started = performance.now();
    const { network } = await loadNn4(folder, 'openface', cache, () => undefined);
    await network.onnx();
    return { network, ms: performance.now() - started };
  };
  const first = await load();
  const second = await load();
  return {
    network: second.network,
    figures: [
      figureOf({ id: 'engines.nn4.import', value: first.ms, unit: 'ms', goal: 6000, higherIsBetter: false }),
      figureOf({ id: 'engines.nn4.cached', value: second.ms, unit: 'ms', goal: 300, higherIsBetter: false }),
    ],
  };
}

function inventedCsv({ name, shape }: CsvFile): string {
  const size = shape.reduce((product, dim) => product * dim, 1);
  const centre = /bn\d?_[wv]$/.test(name) ? 1 : 0;
  const range = shape.length > 1 ? Math.sqrt(6 / (size / (shape[0] ?? 1))) : 0.1;
  return Array.from({ length: size }, () => (centre + range * (2 * Math.random() - 1)).toPrecision(14)).join(',');
}

async function measureStarts(cacheDir: string): Promise<readonly Figure[]> {
  const start = async (): Promise<number> => {
    const started = performance.now();
    await (await createFaceAnalyzer({ cacheDir, engine: 'onnx' })).dispose();
    return performance.now() - started;
  };
  const cold = await start();
  const warm = await start();
  return [
    figureOf({ id: 'engines.start.cold', value: cold, unit: 'ms', goal: 1000, higherIsBetter: false }),
    figureOf({ id: 'engines.start.warm', value: warm, unit: 'ms', goal: 400, higherIsBetter: false }),
  ];
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

function inputsOf(network: LoadableNetwork, batch: number): Tensor[] {
  return network.inputs.map((spec) => {
    const shape = spec.shape.map((dim) => (dim === 'batch' ? batch : dim));
    const size = shape.reduce((product, dim) => product * dim, 1);
    return { shape, data: Float32Array.from({ length: size }, (_, i) => ((i * 31) % 255) / 255) };
  });
}

interface Times {
  readonly median: number;
  /** What is compared: on a busy machine medians of two equal works differ by half and more. */
  readonly fastest: number;
}

const unmeasured: Times = { median: Number.NaN, fastest: Number.NaN };

/** Times of each in milliseconds, run in turn so that a busy machine slows all of them alike. */
async function interleavedMs(works: readonly (() => Promise<unknown>)[]): Promise<Times[]> {
  const times = works.map((): number[] => []);
  for (const work of works) await work();
  const started = performance.now();
  for (let round = 0; round < maxRounds; round++) {
    if (round >= minRounds && performance.now() - started > budgetMs) break;
    for (const [i, work] of works.entries()) {
      const from = performance.now();
      await work();
      times[i]?.push(performance.now() - from);
    }
  }
  return times.map((list) => {
    const sorted = list.sort((a, b) => a - b);
    return { median: sorted[sorted.length >> 1] ?? Number.NaN, fastest: sorted[0] ?? Number.NaN };
  });
}
