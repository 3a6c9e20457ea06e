import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { InferenceEngine, LoadableNetwork } from '../engines/inference-engine.ts';
import { openEveryEngine } from '../engines/select-engine.ts';
import { GraphBuilder } from '../graph/graph-builder.ts';
import { packWeights } from '../importers/packed-weights.ts';
import { importTfjsGraphModel } from '../importers/tfjs-graph-model.ts';
import { CompiledCache } from '../models/compiled-cache.ts';
import { packageFolder, readModelFile } from '../models/model-files.ts';
import { type ModelFile, readModelManifest } from '../models/model-manifest.ts';
import { compileOnnx } from '../onnx/compile-onnx.ts';
import { blazeface } from './blazeface/network.ts';
import { dlibResnet34 } from './dlib-resnet34/network.ts';
import { landmarks68 } from './landmarks68/network.ts';
import { loadableFrom } from './load-network.ts';
import type { Network } from './network.ts';
import { nn4Small2 } from './nn4-small2/network.ts';
import { nn4CsvFiles } from './nn4-small2/weight-files.ts';
import { readyOnnx } from './ready-onnx.ts';
import { ssdMobilenet } from './ssd-mobilenet/network.ts';
import { tinyFace } from './tiny-face/network.ts';

let folder: string;
let engines: readonly InferenceEngine[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-bad-'));
  engines = await openEveryEngine({ engineDir: process.env.LATCHKEY_ENGINE_DIR });
});
afterAll(async () => {
  for (const engine of engines) await engine.dispose();
  await rm(folder, { recursive: true, force: true });
});

const SOURCE = 'some/folder/the-model.bin';
const models = await readModelManifest();
const filesOf = async (name: string): Promise<Uint8Array[]> =>
  Promise.all((models.find((model) => model.name === name)?.files ?? []).map((file) => readModelFile(file)));
const human = (path: string): Promise<Uint8Array> =>
  readFile(join(packageFolder('@vladmandic/human'), 'models', path)).then((bytes) => Uint8Array.from(bytes));

/** A model of `human` that the analyzer does not use, as a network. */
function ofHuman(name: string, files: readonly Uint8Array[], ...names: string[]): Network {
  const [json = Uint8Array.of(), weights = Uint8Array.of()] = files;
  const build = ([a = json, b = weights]: readonly Uint8Array[]) => importTfjsGraphModel(name, a, b, names);
  const { inputs, outputs } = build(files);
  return { name, revision: 1, inputs, outputs, build };
}

type Entry = Record<string, unknown> & { shape: number[] };
type Damage = (files: readonly Uint8Array[], others: readonly Uint8Array[]) => readonly Uint8Array[];

/** Changes the list of weights in the model's JSON; entry 0 is the first that has at least two dimensions. */
function entries(change: (entries: Entry[], first: number) => void): Damage {
  return ([json = Uint8Array.of(), weights = Uint8Array.of()]) => {
    const model = JSON.parse(new TextDecoder().decode(json));
    const list: Entry[] = (model.weightsManifest ?? model)[0].weights;
    change(
      list,
      list.findIndex(({ shape }) => shape.length > 1),
    );
    return [new TextEncoder().encode(JSON.stringify(model)), weights];
  };
}

const shapes = (change: (shape: number[]) => readonly unknown[]): Damage =>
  entries((list, first) => {
    const entry = list[first];
    if (entry) list[first] = { ...entry, shape: change(entry.shape) as number[] };
  });

const weightFile =
  (change: (bytes: Uint8Array) => Uint8Array): Damage =>
  (files) => [...files.slice(0, -1), change(files.at(-1) ?? Uint8Array.of())];

const anyFormat: readonly (readonly [string, Damage])[] = [
  ['no bytes at all', weightFile(() => Uint8Array.of())],
  ['one byte less', weightFile((bytes) => bytes.subarray(0, -1))],
  ['half of the file', weightFile((bytes) => bytes.subarray(0, bytes.length >> 1))],
  ['one byte more', weightFile((bytes) => Uint8Array.from({ length: bytes.length + 1 }, (_, i) => bytes[i] ?? 0))],
  ['the file of another model', (files, others) => [...files.slice(0, -1), others.at(-1) ?? Uint8Array.of()]],
];
const withManifest: readonly (readonly [string, Damage])[] = [
  ...anyFormat,
  ['all files of another model', (_, others) => others],
  [
    'a list of weights that is cut off',
    ([json = Uint8Array.of(), weights = Uint8Array.of()]) => [json.subarray(0, -9), weights],
  ],
  [
    'a list of weights with a flipped bit',
    ([json = Uint8Array.of(), weights = Uint8Array.of()]) => [
      json.map((byte, i) => (i === 0 ? byte ^ 4 : byte)),
      weights,
    ],
  ],
  ['no list of weights', ([, weights = Uint8Array.of()]) => [Uint8Array.of(), weights]],
  ['a shape in another order', shapes((shape) => [...shape.slice(1), shape[0] ?? 1])],
  ['a shape with one dimension more', shapes((shape) => [...shape, 1])],
  ['a size below zero', shapes(([first = 1, ...rest]) => [-first, ...rest])],
  ['two sizes below zero', shapes(([a = 1, b = 1, ...rest]) => [-a, -b, ...rest])],
  ['a size of zero', shapes(([, ...rest]) => [0, ...rest])],
  ['a size that is no whole number', shapes(([first = 1, ...rest]) => [first + 0.5, ...rest])],
  ['a size beyond the file', shapes(([first = 1, ...rest]) => [first * 1000, ...rest])],
  ['sizes beyond any memory', shapes((shape) => shape.map(() => 2 ** 40))],
  ['sizes beyond all numbers', shapes((shape) => shape.map(() => 1e300))],
  ['a size that is text', shapes(([, ...rest]) => ['many', ...rest])],
  [
    'an unknown number format',
    entries((list) => Object.assign(list[0] ?? {}, { dtype: 'float64', quantization: undefined })),
  ],
  [
    'another number format',
    entries((list) => Object.assign(list[0] ?? {}, { dtype: 'bool', quantization: undefined })),
  ],
  [
    'a quantisation without scale',
    entries((list) => Object.assign(list[0] ?? {}, { quantization: { dtype: 'uint8' } })),
  ],
  ['a weight less', entries((list) => list.splice(0, 1))],
  ['a weight without a name', entries((list) => Object.assign(list[0] ?? {}, { name: '' }))],
  ['a weight of another name', entries((list) => Object.assign(list[0] ?? {}, { name: 'nobody' }))],
];

let refusals = 0;

/** Each by another engine in turn: what is refused is refused before any of them has it. */
async function expectRefused(network: LoadableNetwork): Promise<void> {
  const engine = engines[refusals++ % engines.length];
  const act = engine?.load(network);
  await expect(act).rejects.toMatchObject({ code: 'model-corrupt' });
  await expect(act).rejects.toThrow(SOURCE);
}

const opened = (network: Network, files: readonly Uint8Array[], cacheDir: string): LoadableNetwork =>
  loadableFrom(network, new CompiledCache(cacheDir), () => undefined, {
    description: SOURCE,
    key: async () => ['key'],
    files: async () => files,
  });

const [antispoof, liveness, facemesh] = await Promise.all(
  ['antispoof', 'liveness', 'facemesh'].map(async (name) => [await human(`${name}.json`), await human(`${name}.bin`)]),
);
const networks: readonly (readonly [Network, readonly Uint8Array[]])[] = [
  ...(await Promise.all(
    [blazeface, landmarks68, dlibResnet34, tinyFace, ssdMobilenet].map(
      async (network) => [network, await filesOf(network.name)] as const,
    ),
  )),
  ...[antispoof, liveness, facemesh].map((files = [], i) => {
    const outputs = i === 2 ? ['Identity_2', 'Identity_1', 'Identity'] : ['Identity'];
    return [ofHuman(['antispoof', 'liveness', 'facemesh'][i] ?? '', files, ...outputs), files] as const;
  }),
];

describe.each(
  networks.map(
    ([network, files], i) => [network.name, network, files, networks[(i + 1) % networks.length]?.[1] ?? []] as const,
  ),
)('%s is refused before use, by the name of its files, when they have', (name, network, files, others) => {
  it.each(withManifest)('%s', async (_, damage) => {
    const cacheDir = await mkdtemp(join(folder, `${name}-`));
    await expectRefused(opened(network, damage(files, others), cacheDir));
    expect(await readdir(cacheDir)).toEqual([]);
  });
});

describe('nn4.small2 is refused before use, by the name of its folder, when its packed weights have', () => {
  const used = nn4CsvFiles.filter((file) => file.used);
  const weights = used.map(({ name, shape }) => ({
    name,
    shape,
    data: new Float32Array(shape.reduce((product, dim) => product * dim, 1)).fill(0.01),
  }));
  const changed = (index: number, change: object): Uint8Array =>
    packWeights(weights.map((weight, i) => (i === index ? { ...weight, ...change } : weight)));
  const lengthOf = (value: number): Damage =>
    weightFile((bytes) => {
      const copy = Uint8Array.from(bytes);
      new DataView(copy.buffer).setUint32(4, value, true);
      return copy;
    });
  it.each<readonly [string, Damage]>([
    ...anyFormat,
    ['a header that is longer than the file', lengthOf(0xffffffff)],
    ['a header without length', lengthOf(0)],
    ['a shape in another order', () => [changed(0, { shape: [7, 7, 3, 64] })]],
    ['a weight of another name', () => [changed(0, { name: 'nobody' })]],
    ['a size below zero', () => [changed(0, { shape: [-64, -3, 7, 7] })]],
    ['a value that is NaN', () => [changed(1, { data: new Float32Array(64).fill(Number.NaN) })]],
    ['an infinite value', () => [changed(1, { data: new Float32Array(64).fill(Number.NEGATIVE_INFINITY) })]],
    [
      'a variance below zero',
      () => [
        changed(
          used.findIndex(({ name }) => name === 'bn1_v'),
          { data: new Float32Array(64).fill(-1) },
        ),
      ],
    ],
  ])('%s', async (_, damage) => {
    const others = await filesOf('dlib-resnet34');
    await expectRefused(
      opened(nn4Small2.seed, damage([packWeights(weights)], others), await mkdtemp(join(folder, 'nn4-'))),
    );
  });
});

describe('the files of every model that comes with Latchkey', () => {
  const rows = models.flatMap((model) => model.files.map((file) => [file.path, file] as const));
  const put = async (file: ModelFile, bytes: Uint8Array): Promise<string> => {
    const path = join(folder, file.path);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
    return path;
  };

  it.each(rows)('%s is refused with one bit flipped, cut off, or swapped, and its path is named', async (_, file) => {
    const bytes = await readModelFile(file);
    const flipped = [0, bytes.length >> 1, bytes.length - 1].map((at) => {
      const copy = Uint8Array.from(bytes);
      copy[at] = (copy[at] ?? 0) ^ 1;
      return copy;
    });
    const another = rows.find(([path]) => path !== file.path)?.[1] ?? file;
    for (const damaged of [...flipped, bytes.subarray(0, -1), Uint8Array.of(), await readModelFile(another)]) {
      const path = await put(file, damaged);
      const act = readModelFile(file, folder);
      await expect(act).rejects.toMatchObject({ code: 'model-corrupt', details: { path } });
      await expect(act).rejects.toThrow(path);
    }
  });
});

describe('a ready ONNX file', () => {
  const builder = new GraphBuilder(SOURCE);
  const value = builder.input('x', ['batch', 3, 8, 8]);
  const weights = { name: 'w', shape: [4, 3, 3, 3], data: new Float32Array(108).fill(0.1) };
  const window = { strides: [1, 1], padding: [0, 0, 0, 0], dilations: [1, 1], groups: 1 } as const;
  const filtered = builder.add({ type: 'conv', weights, bias: null, ...window }, [value]);
  const mean = builder.add({ type: 'mean', axes: [2, 3], keepDims: false }, [filtered], 'y');
  const graph = builder.build([mean]);
  const bytes = compileOnnx(graph);
  const input = { shape: [1, 3, 8, 8], data: new Float32Array(192).fill(0.5) };
  const load = (damaged: Uint8Array) => {
    const onnx = engines.find((engine) => engine.name === 'onnx');
    if (!onnx) throw new Error('ONNX Runtime does not load');
    return onnx.load(readyOnnx(graph, damaged));
  };

  it('is refused when it is cut off, wherever', async () => {
    for (let length = 0; length < bytes.length; length += 7) {
      const act = load(bytes.subarray(0, length));
      await expect(act).rejects.toMatchObject({ code: 'model-corrupt', message: expect.stringContaining(SOURCE) });
    }
  });

  it('is refused or gives numbers of the right shape when a bit is flipped, wherever', async () => {
    const outcomes = new Set<string>();
    for (let at = 0; at < bytes.length; at += 5) {
      const damaged = Uint8Array.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ (1 << (at & 7));
      try {
        const session = await load(damaged);
        const [output] = await session.run([input]);
        await session.dispose();
        outcomes.add(`numbers of shape ${output?.shape}: ${output?.data.every(Number.isFinite)}`);
      } catch (error) {
        outcomes.add(Object(error).code);
      }
    }
    const allowed = ['numbers of shape 1,4: true', 'model-corrupt', 'not-a-number', 'shape-mismatch'];
    expect(allowed).toEqual(expect.arrayContaining([...outcomes]));
    expect([...outcomes]).toEqual(expect.arrayContaining(['model-corrupt', 'numbers of shape 1,4: true']));
  });
});
