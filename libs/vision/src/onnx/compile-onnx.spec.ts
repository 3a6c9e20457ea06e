import { afterAll, describe, expect, it } from '@jest/globals';
import { OnnxRuntimeEngine } from '../engines/onnx-runtime-engine.ts';
import type { Constant, Graph, Op, OpType, Padding } from '../graph/graph.ts';
import { GraphBuilder } from '../graph/graph-builder.ts';
import type { Shape } from '../graph/shape.ts';
import { compileOnnx } from './compile-onnx.ts';

const engine = new OnnxRuntimeEngine();
afterAll(() => engine.dispose());

const constant = (name: string, shape: readonly number[], ...values: number[]): Constant => ({
  name,
  shape,
  data: Float32Array.from(values),
});
const NONE: Padding = [0, 0, 0, 0];

async function run(graph: Graph, ...inputs: { shape: readonly number[]; values: readonly number[] }[]) {
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

describe('compileOnnx, run by ONNX Runtime', () => {
  it.each(Object.entries(cases))('computes %s', async (_, { op, input, output }) => {
    const builder = new GraphBuilder('one');
    const value = builder.input('x', input.shape);
    const graph = builder.build([builder.add(op, [value], 'y')]);
    const shape = input.shape.map((dim) => (dim === 'batch' ? 1 : dim));
    expect(await run(graph, { shape, values: input.values })).toEqual(output);
  });

  it.each([
    ['add', [11, 22, 33, 44]],
    ['sub', [-9, -18, -27, -36]],
    ['mul', [10, 40, 90, 160]],
    ['div', [0.1, 0.1, 0.1, 0.1]],
  ] as const)('computes %s of two inputs', async (type, values) => {
    const builder = new GraphBuilder('two');
    const a = builder.input('a', ['batch', 4]);
    const b = builder.input('b', ['batch', 4]);
    const graph = builder.build([builder.add({ type }, [a, b], 'y')]);
    const result = await run(
      graph,
      { shape: [1, 4], values: [1, 2, 3, 4] },
      { shape: [1, 4], values: [10, 20, 30, 40] },
    );
    expect(result.values).toEqual(values);
  });

  it('concatenates along the channels', async () => {
    const builder = new GraphBuilder('concat');
    const a = builder.input('a', ['batch', 1, 1, 2]);
    const b = builder.input('b', ['batch', 2, 1, 2]);
    const graph = builder.build([builder.add({ type: 'concat', axis: 1 }, [a, b], 'y')]);
    const result = await run(
      graph,
      { shape: [1, 1, 1, 2], values: [1, 2] },
      { shape: [1, 2, 1, 2], values: [3, 4, 5, 6] },
    );
    expect(result).toEqual({ shape: [1, 3, 1, 2], values: [1, 2, 3, 4, 5, 6] });
  });

  it('adds a constant to every picture of a batch', async () => {
    const builder = new GraphBuilder('constant');
    const x = builder.input('x', ['batch', 2]);
    const value = builder.add({ type: 'constant', value: constant('c', [2], 10, 20) }, []);
    const graph = builder.build([builder.add({ type: 'add' }, [x, value], 'y')]);
    expect(await run(graph, { shape: [2, 2], values: [1, 2, 3, 4] })).toEqual({
      shape: [2, 2],
      values: [11, 22, 13, 24],
    });
  });

  it('convolves each channel with its own filter when there are as many groups as channels', async () => {
    const builder = new GraphBuilder('depthwise');
    const x = builder.input('x', ['batch', 2, 1, 2]);
    const conv: Op = {
      type: 'conv',
      weights: constant('w', [2, 1, 1, 1], 2, 100),
      bias: null,
      strides: [1, 1],
      padding: NONE,
      dilations: [1, 1],
      groups: 2,
    };
    const graph = builder.build([builder.add(conv, [x], 'y')]);
    expect((await run(graph, { shape: [1, 2, 1, 2], values: [1, 2, 3, 4] })).values).toEqual([2, 4, 300, 400]);
  });

  it('gives the same values with a batch norm folded into its convolution as with one that cannot be folded', async () => {
    const build = (keepConvolution: boolean): Graph => {
      const builder = new GraphBuilder('norm');
      const x = builder.input('x', ['batch', 1, 1, 2]);
      const convolved = builder.add(
        {
          type: 'conv',
          weights: constant('w', [2, 1, 1, 1], 2, -3),
          bias: constant('b', [2], 1, 0.5),
          strides: [1, 1],
          padding: NONE,
          dilations: [1, 1],
          groups: 1,
        },
        [x],
      );
      const normed = builder.batchNorm(convolved, {
        gain: constant('g', [2], 2, 0.5),
        bias: constant('o', [2], -1, 3),
        mean: constant('m', [2], 0.25, -2),
        variance: constant('v', [2], 4, 0.25),
        epsilon: 0.001,
      });
      return builder.build(keepConvolution ? [normed, convolved] : [normed]);
    };
    const input = { shape: [1, 1, 1, 2], values: [1, -4] };
    const folded = await run(build(false), input);
    expect(folded).toEqual(await run(build(true), input));
    // (2·1 + 1 − 0.25) · 2 / √4.001 − 1
    expect(folded.values[0]).toBeCloseTo(1.74966, 4);
  });
});
