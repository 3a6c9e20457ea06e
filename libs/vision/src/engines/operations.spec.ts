import { afterAll, describe, expect, it } from '@jest/globals';
import type { Constant, Graph, Op, OpType, Padding } from '../graph/graph.ts';
import { GraphBuilder } from '../graph/graph-builder.ts';
import type { Shape } from '../graph/shape.ts';
import { compileOnnx } from '../onnx/compile-onnx.ts';
import { evaluateGraph } from '../reference/evaluate-graph.ts';
import type { InferenceEngine } from './inference-engine.ts';
import { openEveryEngine } from './select-engine.ts';

const engines = await openEveryEngine({ engineDir: process.env.LATCHKEY_ENGINE_DIR });
afterAll(() => Promise.all(engines.map((engine) => engine.dispose())));

const constant = (name: string, shape: readonly number[], ...values: number[]): Constant => ({
  name,
  shape,
  data: Float32Array.from(values),
});
const NONE: Padding = [0, 0, 0, 0];

async function run(
  engine: InferenceEngine,
  graph: Graph,
  ...inputs: { shape: readonly number[]; values: readonly number[] }[]
) {
  const session = await engine.load({
    name: graph.name,
    inputs: graph.inputs,
    outputs: graph.outputs,
    graph: async () => graph,
    onnx: async () => compileOnnx(graph),
  });
  const tensors = inputs.map(({ shape, values }) => ({ shape, data: Float32Array.from(values) }));
  const [output] = await session.run(tensors);
  await session.dispose();
  return { shape: output?.shape, values: [...(output?.data ?? [])].map((value) => Number(value.toFixed(5))) };
}

interface Case {
  readonly op: Op;
  readonly input: { readonly shape: Shape; readonly values: readonly number[] };
  readonly output: { readonly shape: readonly number[]; readonly values: readonly number[] };
}

const picture = { shape: ['batch', 1, 3, 3], values: [1, 2, 3, 4, 5, 6, 7, 8, 9] } as const;
const vector = { shape: ['batch', 4], values: [-2, -1, 0, 3] } as const;
const twoChannels = { shape: ['batch', 2, 1, 2], values: [1, 2, 3, 4] } as const;
const window = { size: [2, 2], strides: [1, 1], padding: NONE } as const;

/** Expected values are worked out by hand. */
const cases: Readonly<Record<Exclude<OpType, 'add' | 'sub' | 'mul' | 'div' | 'concat' | 'constant'>, Case>> = {
  conv: {
    op: {
      type: 'conv',
      weights: constant('w', [1, 1, 2, 2], 1, 0, 0, 10),
      bias: constant('b', [1], 0.5),
      strides: [2, 2],
      padding: [0, 0, 1, 1],
      dilations: [1, 1],
      groups: 1,
    },
    input: picture,
    output: { shape: [1, 1, 2, 2], values: [51.5, 3.5, 7.5, 9.5] },
  },
  dense: {
    op: { type: 'dense', weights: constant('w', [4, 2], 1, 0, 0, 1, 0, 0, 2, 2), bias: constant('b', [2], 1, -1) },
    input: vector,
    output: { shape: [1, 2], values: [5, 4] },
  },
  affine: {
    op: { type: 'affine', scale: constant('s', [2], 2, 10), shift: constant('t', [2], 1, -1) },
    input: twoChannels,
    output: { shape: [1, 2, 1, 2], values: [3, 5, 29, 39] },
  },
  relu: { op: { type: 'relu' }, input: vector, output: { shape: [1, 4], values: [0, 0, 0, 3] } },
  sigmoid: {
    op: { type: 'sigmoid' },
    input: vector,
    output: { shape: [1, 4], values: [0.1192, 0.26894, 0.5, 0.95257] },
  },
  tanh: { op: { type: 'tanh' }, input: vector, output: { shape: [1, 4], values: [-0.96403, -0.76159, 0, 0.99505] } },
  'leaky-relu': {
    op: { type: 'leaky-relu', alpha: 0.25 },
    input: vector,
    output: { shape: [1, 4], values: [-0.5, -0.25, 0, 3] },
  },
  prelu: {
    op: { type: 'prelu', slope: constant('a', [2], 0.5, 0.1) },
    input: { shape: ['batch', 2, 1, 2], values: [-1, 1, -2, 2] },
    output: { shape: [1, 2, 1, 2], values: [-0.5, 1, -0.2, 2] },
  },
  clip: { op: { type: 'clip', min: -1, max: 2 }, input: vector, output: { shape: [1, 4], values: [-1, -1, 0, 2] } },
  softmax: {
    op: { type: 'softmax', axis: 1 },
    input: { shape: ['batch', 2], values: [0, Math.log(3)] },
    output: { shape: [1, 2], values: [0.25, 0.75] },
  },
  'max-pool': {
    op: { type: 'max-pool', ...window },
    input: picture,
    output: { shape: [1, 1, 2, 2], values: [5, 6, 8, 9] },
  },
  'average-pool': {
    op: { type: 'average-pool', size: [2, 2], strides: [2, 2], padding: [0, 0, 1, 1] },
    input: picture,
    output: { shape: [1, 1, 2, 2], values: [3, 4.5, 7.5, 9] },
  },
  'l2-pool': {
    op: { type: 'l2-pool', size: [1, 2], strides: [1, 1], padding: NONE },
    input: { shape: ['batch', 1, 1, 3], values: [3, 4, 0] },
    output: { shape: [1, 1, 1, 2], values: [5, 4] },
  },
  lrn: {
    op: { type: 'lrn', size: 3, alpha: 3, beta: 1, k: 1 },
    input: { shape: ['batch', 2, 1, 1], values: [1, 2] },
    output: { shape: [1, 2, 1, 1], values: [Number((1 / 6).toFixed(5)), Number((2 / 6).toFixed(5))] },
  },
  mean: {
    op: { type: 'mean', axes: [2, 3], keepDims: false },
    input: twoChannels,
    output: { shape: [1, 2], values: [1.5, 3.5] },
  },
  pad: {
    op: { type: 'pad', before: [0, 0, 0, 1], after: [0, 1, 0, 0] },
    input: twoChannels,
    output: { shape: [1, 3, 1, 3], values: [0, 1, 2, 0, 3, 4, 0, 0, 0] },
  },
  reshape: {
    op: { type: 'reshape', shape: ['batch', 4] },
    input: twoChannels,
    output: { shape: [1, 4], values: [1, 2, 3, 4] },
  },
  transpose: {
    op: { type: 'transpose', order: [0, 2, 3, 1] },
    input: twoChannels,
    output: { shape: [1, 1, 2, 2], values: [1, 3, 2, 4] },
  },
  'l2-normalise': {
    op: { type: 'l2-normalise', axis: 1 },
    input: { shape: ['batch', 2], values: [3, 4] },
    output: { shape: [1, 2], values: [0.6, 0.8] },
  },
  upsample: {
    op: { type: 'upsample', factor: 2, mode: 'nearest' },
    input: { shape: ['batch', 1, 1, 2], values: [1, 2] },
    output: { shape: [1, 1, 2, 4], values: [1, 1, 2, 2, 1, 1, 2, 2] },
  },
};

/** What takes another way through a compiler than the case above that bears the operation's name. */
const particular: readonly (readonly [string, Case])[] = [
  [
    'a largest value beside padding, all being negative',
    {
      op: { type: 'max-pool', size: [2, 2], strides: [2, 2], padding: [1, 1, 0, 0] },
      input: { shape: ['batch', 1, 3, 3], values: [-1, -2, -3, -4, -5, -6, -7, -8, -9] },
      output: { shape: [1, 1, 2, 2], values: [-1, -2, -4, -5] },
    },
  ],
  [
    'a mean that leaves out padding at the top and left',
    {
      op: { type: 'average-pool', size: [2, 2], strides: [2, 2], padding: [1, 1, 0, 0] },
      input: picture,
      output: { shape: [1, 1, 2, 2], values: [1, 2.5, 5.5, 7] },
    },
  ],
  [
    'an L2 pool over padding',
    {
      op: { type: 'l2-pool', size: [1, 2], strides: [1, 2], padding: [0, 1, 0, 0] },
      input: { shape: ['batch', 1, 1, 3], values: [7, 3, 4] },
      output: { shape: [1, 1, 1, 2], values: [7, 5] },
    },
  ],
  [
    'a mean that does not reach the last row and column',
    {
      op: { type: 'average-pool', size: [2, 2], strides: [2, 2], padding: NONE },
      input: picture,
      output: { shape: [1, 1, 1, 1], values: [3] },
    },
  ],
  [
    'groups of two channels each',
    {
      op: {
        type: 'conv',
        weights: constant('w', [2, 2, 1, 1], 1, 10, 100, 1000),
        bias: constant('b', [2], 0.5, 0.25),
        strides: [1, 1],
        padding: NONE,
        dilations: [1, 1],
        groups: 2,
      },
      input: { shape: ['batch', 4, 1, 1], values: [1, 2, 3, 4] },
      output: { shape: [1, 2, 1, 1], values: [21.5, 4300.25] },
    },
  ],
  [
    'a depthwise convolution that makes two channels of one',
    {
      op: {
        type: 'conv',
        weights: constant('w', [4, 1, 1, 1], 1, 10, 100, 1000),
        bias: null,
        strides: [1, 1],
        padding: NONE,
        dilations: [1, 1],
        groups: 2,
      },
      input: { shape: ['batch', 2, 1, 1], values: [1, 2] },
      output: { shape: [1, 4, 1, 1], values: [1, 10, 200, 2000] },
    },
  ],
  [
    'a dilated convolution',
    {
      op: {
        type: 'conv',
        weights: constant('w', [1, 1, 2, 2], 1, 0, 0, 1),
        bias: null,
        strides: [1, 1],
        padding: NONE,
        dilations: [2, 2],
        groups: 1,
      },
      input: picture,
      output: { shape: [1, 1, 1, 1], values: [10] },
    },
  ],
  [
    'a softmax over the channels of a picture',
    {
      op: { type: 'softmax', axis: 1 },
      input: { shape: ['batch', 2, 1, 2], values: [0, 5, Math.log(3), 5] },
      output: { shape: [1, 2, 1, 2], values: [0.25, 0.5, 0.75, 0.5] },
    },
  ],
  [
    'a softmax over an axis in the middle',
    {
      op: { type: 'softmax', axis: 1 },
      input: { shape: ['batch', 2, 2], values: [0, 5, Math.log(3), 5] },
      output: { shape: [1, 2, 2], values: [0.25, 0.5, 0.75, 0.5] },
    },
  ],
  [
    'an affine step over rows',
    {
      op: { type: 'affine', scale: constant('s', [2], 2, 10), shift: constant('t', [2], 1, -1) },
      input: { shape: ['batch', 2, 2], values: [1, 2, 3, 4] },
      output: { shape: [1, 2, 2], values: [3, 5, 29, 39] },
    },
  ],
  [
    'a sloped rectifier over rows',
    {
      op: { type: 'prelu', slope: constant('a', [2], 0.5, 0.1) },
      input: { shape: ['batch', 2, 2], values: [-1, 1, -2, 2] },
      output: { shape: [1, 2, 2], values: [-0.5, 1, -0.2, 2] },
    },
  ],
  [
    'vectors of unit length out of the channels of a picture, and none out of zeros',
    {
      op: { type: 'l2-normalise', axis: 1 },
      input: { shape: ['batch', 2, 1, 2], values: [3, 0, 4, 0] },
      output: { shape: [1, 2, 1, 2], values: [0.6, 0, 0.8, 0] },
    },
  ],
  [
    'a mean that keeps its dimensions',
    {
      op: { type: 'mean', axes: [1], keepDims: true },
      input: twoChannels,
      output: { shape: [1, 1, 1, 2], values: [2, 3] },
    },
  ],
  [
    'a mean over the channels alone',
    {
      op: { type: 'mean', axes: [1], keepDims: false },
      input: twoChannels,
      output: { shape: [1, 1, 2], values: [2, 3] },
    },
  ],
  [
    'twice the size by straight lines',
    {
      op: { type: 'upsample', factor: 2, mode: 'bilinear' },
      input: { shape: ['batch', 1, 1, 2], values: [0, 4] },
      output: { shape: [1, 1, 2, 4], values: [0, 1, 3, 4, 0, 1, 3, 4] },
    },
  ],
];

describe.each(engines.map((engine) => [engine.name, engine] as const))('operations on %s', (_name, engine) => {
  it.each([...Object.entries(cases), ...particular])('computes %s', async (_, { op, input, output }) => {
    const builder = new GraphBuilder('one');
    const value = builder.input('x', input.shape);
    const graph = builder.build([builder.add(op, [value], 'y')]);
    const shape = input.shape.map((dim) => (dim === 'batch' ? 1 : dim));
    expect(await run(engine, graph, { shape, values: input.values })).toEqual(output);
  });
});

describe('operations in double precision', () => {
  it.each([...Object.entries(cases), ...particular])('computes %s', (_, { op, input, output }) => {
    const builder = new GraphBuilder('one');
    const graph = builder.build([builder.add(op, [builder.input('x', input.shape)], 'y')]);
    const shape = input.shape.map((dim) => (dim === 'batch' ? 1 : dim));
    const [result] = evaluateGraph(graph, [{ shape, data: Float64Array.from(input.values) }]);
    const values = [...(result?.data ?? [])].map((value) => Number(value.toFixed(5)));
    expect({ shape: result?.shape, values }).toEqual(output);
  });
});
