import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { openOneEngine } from '../engines/select-engine.ts';
import { packageFolder } from '../models/model-files.ts';
import { compileOnnx } from '../onnx/compile-onnx.ts';
import { importTfjsGraphModel } from './tfjs-graph-model.ts';

const engine = await openOneEngine('onnx');
afterAll(() => engine.dispose());

const text = (value: string) => ({ s: Buffer.from(value).toString('base64') });
const dims = (...sizes: number[]) => ({ shape: { dim: sizes.map((size) => ({ size: String(size) })) } });
const integers = (...values: number[]) => ({ list: { i: values.map(String) } });
const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

interface Weight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  readonly values: readonly number[];
}

function model(nodes: readonly object[], weights: readonly Weight[]): [Uint8Array, Uint8Array] {
  const bytes = weights.flatMap(({ dtype, values }) => [
    ...new Uint8Array((dtype === 'int32' ? Int32Array.from(values) : Float32Array.from(values)).buffer),
  ]);
  const constants = weights.map(({ name }) => ({ name, op: 'Const' }));
  const entries = weights.map(({ name, shape, dtype }) => ({ name, shape, dtype }));
  return [
    json({
      format: 'graph-model',
      modelTopology: { node: [...constants, ...nodes] },
      weightsManifest: [{ paths: ['m.bin'], weights: entries }],
    }),
    Uint8Array.from(bytes),
  ];
}

const input = { name: 'input', op: 'Placeholder', attr: { shape: dims(1, 2, 2, 2) } };
const flatten = { name: 'out', op: 'Reshape', input: ['last', 'shape'] };
const shape: Weight = { name: 'shape', shape: [2], dtype: 'int32', values: [1, -1] };

async function run(nodes: readonly object[], weights: readonly Weight[], values: readonly number[]): Promise<number[]> {
  const graph = importTfjsGraphModel('m', ...model([input, ...nodes, flatten], [...weights, shape]), ['out']);
  const session = await engine.load({ ...graph, graph: async () => graph, onnx: async () => compileOnnx(graph) });
  const [output] = await session.run([{ shape: [1, 2, 2, 2], data: Float32Array.from(values) }]);
  return [...(output?.data ?? [])];
}

/** Two channels, [[1, 2], [3, 4]] and [[5, 6], [7, 8]], in our channels-first order. */
const planes = [1, 2, 3, 4, 5, 6, 7, 8];

describe('importTfjsGraphModel', () => {
  it('flattens pictures in the order of TensorFlow, channels last', async () => {
    expect(await run([{ name: 'last', op: 'Identity', input: ['input'] }], [], planes)).toEqual([
      1, 5, 2, 6, 3, 7, 4, 8,
    ]);
  });

  it('pads a fused convolution at the bottom and right and applies bias and relu', async () => {
    const convolution = {
      name: 'last',
      op: '_FusedConv2D',
      input: ['input', 'filter', 'bias'],
      attr: {
        strides: integers(1, 1, 1, 1),
        padding: text('SAME'),
        data_format: text('NHWC'),
        fused_ops: { list: { s: ['BiasAdd', 'Relu'].map((op) => text(op).s) } },
      },
    };
    // Takes the pixel to the lower right of the first channel, minus 3.
    const filter: Weight = { name: 'filter', shape: [2, 2, 2, 1], dtype: 'float32', values: [0, 0, 0, 0, 0, 0, 1, 0] };
    const bias: Weight = { name: 'bias', shape: [1], dtype: 'float32', values: [-3] };
    expect(await run([convolution], [filter, bias], planes)).toEqual([1, 0, 0, 0]);
  });

  it('pads, pools, and multiplies channel by channel', async () => {
    const nodes = [
      { name: 'padded', op: 'Pad', input: ['input', 'paddings'] },
      {
        name: 'pooled',
        op: 'MaxPool',
        input: ['padded'],
        attr: { ksize: integers(1, 2, 2, 1), strides: integers(1, 2, 2, 1), padding: text('VALID') },
      },
      { name: 'last', op: 'Mul', input: ['pooled', 'factors'] },
    ];
    const paddings: Weight = { name: 'paddings', shape: [4, 2], dtype: 'int32', values: [0, 0, 0, 0, 0, 0, 0, 1] };
    const factors: Weight = { name: 'factors', shape: [3], dtype: 'float32', values: [1, 10, 100] };
    expect(await run(nodes, [paddings, factors], planes)).toEqual([4, 80, 0]);
  });

  it.each<[string, readonly object[], RegExp]>([
    ['an operation that it does not know', [input, { name: 'out', op: 'Einsum', input: ['input'] }], /Einsum/],
    ['a node that is missing', [{ name: 'out', op: 'Relu', input: ['nobody'] }], /"nobody" is missing/],
    [
      'a cycle',
      [
        { name: 'out', op: 'Relu', input: ['b'] },
        { name: 'b', op: 'Relu', input: ['out'] },
      ],
      /cycle/,
    ],
    ['an output that is missing', [input], /no output "out"/],
    [
      'channels first',
      [input, { name: 'out', op: 'MaxPool', input: ['input'], attr: { data_format: text('NCHW') } }],
      /NHWC/,
    ],
  ])('refuses %s as model-corrupt', (_, nodes, message) => {
    const act = (): unknown => importTfjsGraphModel('m', ...model(nodes, []), ['out']);
    expect(act).toThrow(expect.objectContaining({ code: 'model-corrupt' }));
    expect(act).toThrow(message);
  });

  it.each(['antispoof', 'liveness'])('reads human’s %s model too', async (name) => {
    const folder = join(packageFolder('@vladmandic/human'), 'models');
    const [jsonBytes, weights] = await Promise.all(
      ['json', 'bin'].map((extension) => readFile(join(folder, `${name}.${extension}`))),
    );
    const graph = importTfjsGraphModel(name, jsonBytes ?? Buffer.of(), weights ?? Buffer.of(), ['Identity']);
    const session = await engine.load({ ...graph, graph: async () => graph, onnx: async () => compileOnnx(graph) });
    const sizes = (graph.inputs[0]?.shape ?? []).map((dim) => (dim === 'batch' ? 1 : dim));
    const data = new Float32Array(sizes.reduce((product, dim) => product * dim, 1)).fill(0.5);
    const [output] = await session.run([{ shape: sizes, data }]);
    expect(output?.data.every((value) => value >= 0 && value <= 1)).toBe(true);
  });
});
