import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { InferenceEngine, LoadableNetwork, Tensor } from '../engines/inference-engine.ts';
import { openEveryEngine } from '../engines/select-engine.ts';
import { decodeImage } from '../image/decode-image.ts';
import { CompiledCache } from '../models/compiled-cache.ts';
import { evaluateGraph } from '../reference/evaluate-graph.ts';
import { type NetworkCase, networkCases } from '../reference/network-cases.ts';
import { digestOf, type OutputDigest } from '../reference/output-digest.ts';

type InputName = keyof NetworkCase['inputs'];
type Golden = Readonly<Record<string, Readonly<Record<string, Readonly<Record<InputName, OutputDigest>>>>>>;

const golden: Golden = JSON.parse(
  await readFile(new URL('../../../../test/golden/network-outputs.json', import.meta.url), 'utf8'),
);
const engines = await openEveryEngine({ engineDir: process.env.LATCHKEY_ENGINE_DIR });
const cacheDir = await mkdtemp(join(tmpdir(), 'latchkey-agreement-'));
/** Ready ONNX files, which come with no package. */
const readyFolder = fileURLToPath(new URL('../../../../../shared/models/', import.meta.url));
const cases = await networkCases(new CompiledCache(cacheDir), decodeImage, readyFolder);
const absent = ['yunet', 'mobilefacenet', 'sface'].filter((name) =>
  cases.every(({ network }) => network.name !== name),
);
if (absent.length > 0)
  console.warn(`Not beside the repository (../shared/models), so not compared: ${absent.join(', ')}.`);
afterAll(async () => {
  for (const engine of engines) await engine.dispose();
  await rm(cacheDir, { recursive: true, force: true });
});

/** In the unit in which a value is used (docs/adr/0006-agreement-tolerance.md). */
const TOLERANCE = 1e-4;

/** Of the number as it is, beside that: what single precision keeps of an output of this size. */
const rawTolerance = (largest: number): number => Math.max(TOLERANCE, 1e-5 * largest);

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let worst = a.length === b.length ? 0 : Number.POSITIVE_INFINITY;
  for (let i = 0; i < a.length; i++) worst = Math.max(worst, Math.abs((a[i] ?? Number.NaN) - (b[i] ?? Number.NaN)));
  return worst;
}

/** Runs it twice, which must leave no tensor behind, and gives what came of the second run. */
async function outputsOf(
  engine: InferenceEngine,
  network: LoadableNetwork,
  inputs: readonly Tensor[],
): Promise<readonly Tensor[]> {
  const before = engine.tensorCount();
  const session = await engine.load(network);
  const loaded = engine.tensorCount();
  await session.run(inputs);
  const outputs = await session.run(inputs);
  expect(engine.tensorCount()).toBe(loaded);
  await session.dispose();
  expect(engine.tensorCount()).toBe(before);
  return outputs;
}

describe('every network on every engine', () => {
  it('is one of those with stored outputs', () => {
    expect(engines.map((engine) => engine.name)).toEqual(expect.arrayContaining(['onnx', 'wasm']));
    expect([...cases.map(({ network }) => network.name), ...absent].sort()).toEqual(Object.keys(golden).sort());
  });

  const rows = cases.flatMap(({ network, inUnit, inputs }) =>
    (['noise', 'face'] as const).map((name) => [network.name, name, network, inUnit, inputs[name]] as const),
  );
  it.each(rows)(
    '%s on %s gives the stored outputs and what other engines give',
    async (_, name, network, inUnit, input) => {
      const results = await inTurn(engines, (engine) => outputsOf(engine, network, input));
      network.outputs.forEach((spec, i) => {
        const stored = golden[network.name]?.[spec.name]?.[name];
        if (!stored) throw new Error(`no stored output "${spec.name}" of ${network.name}`);
        const used = (data: ArrayLike<number>): number[] => Array.from(data, (value) => inUnit(spec.name, value));
        results.forEach((outputs, e) => {
          const { shape = [], data = new Float32Array() } = outputs[i] ?? {};
          const digest = digestOf(shape, data);
          const where = { engine: engines[e]?.name, output: spec.name };
          const holds = (what: string, difference: number, tolerance: number): void =>
            expect({ ...where, what, difference, tolerance, agrees: difference < tolerance }).toMatchObject({
              ...where,
              agrees: true,
            });
          expect({ ...where, shape }).toEqual({ ...where, shape: stored.shape });
          holds('length', Math.abs(digest.norm - stored.norm) / Math.max(stored.norm, 1), 1e-5);
          const others = results[0]?.[i]?.data ?? [];
          holds('from stored', largestDifference(used(digest.samples), used(stored.samples)), TOLERANCE);
          holds('engines apart', largestDifference(used(data), used(others)), TOLERANCE);
          const raw = rawTolerance(stored.largest);
          holds('from stored, as it is', largestDifference(digest.samples, stored.samples), raw);
          holds('engines apart, as it is', largestDifference(data, others), raw);
        });
      });
    },
  );
});

describe('stored outputs', () => {
  it.each(cases.filter(({ network }) => ['antispoof', 'liveness', 'landmarks68'].includes(network.name)))(
    'of $network.name are what double precision gives',
    async ({ network, inputs }) => {
      const exact = inputs.face.map(({ shape, data }) => ({ shape, data: Float64Array.from(data) }));
      const outputs = evaluateGraph(await network.graph(), exact);
      network.outputs.forEach((spec, i) => {
        const { shape = [], data = [] } = outputs[i] ?? {};
        const stored = golden[network.name]?.[spec.name]?.face;
        expect(largestDifference(digestOf(shape, data).samples, stored?.samples ?? [])).toBeLessThan(1e-7);
      });
    },
  );
});

async function inTurn<From, To>(items: readonly From[], work: (item: From) => Promise<To>): Promise<To[]> {
  const results: To[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}
