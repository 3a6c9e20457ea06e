import { afterAll, describe, expect, it } from '@jest/globals';
import type { Constant, Graph, Op, Padding } from '../graph/graph.ts';
import { GraphBuilder } from '../graph/graph-builder.ts';
import { compileOnnx } from '../onnx/compile-onnx.ts';
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

describe.each(engines.map((engine) => [engine.name, engine] as const))('small graphs on %s', (_name, engine) => {
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
      engine,
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
      engine,
      graph,
      { shape: [1, 1, 1, 2], values: [1, 2] },
      { shape: [1, 2, 1, 2], values: [3, 4, 5, 6] },
    );
    expect(result).toEqual({ shape: [1, 3, 1, 2], values: [1, 2, 3, 4, 5, 6] });
  });

  it('keeps channels apart where pictures of either order meet', async () => {
    const builder = new GraphBuilder('orders');
    const x = builder.input('x', ['batch', 2, 1, 2]);
    const doubled = builder.add({ type: 'affine', scale: constant('s', [2], 2, 2), shift: constant('t', [2], 0, 0) }, [
      x,
    ]);
    const perChannel = builder.add({ type: 'constant', value: constant('c', [2, 1, 1], 100, 200) }, []);
    const sum = builder.add({ type: 'add' }, [builder.add({ type: 'add' }, [x, doubled]), perChannel]);
    const turned = builder.add({ type: 'transpose', order: [0, 2, 3, 1] }, [sum]);
    const graph = builder.build([builder.add({ type: 'reshape', shape: ['batch', 4] }, [turned], 'y')]);
    expect(await run(engine, graph, { shape: [1, 2, 1, 2], values: [1, 2, 3, 4] })).toEqual({
      shape: [1, 4],
      values: [103, 209, 106, 212],
    });
  });

  it('gives both a convolution and its rectifier when both are outputs, or the rectifier alone', async () => {
    for (const both of [true, false]) {
      const builder = new GraphBuilder('rectifier');
      const x = builder.input('x', ['batch', 1, 1, 2]);
      const weights = constant('w', [1, 1, 1, 1], 2);
      const op: Op = {
        type: 'conv',
        strides: [1, 1],
        padding: NONE,
        weights,
        bias: constant('b', [1], 1),
        dilations: [1, 1],
        groups: 1,
      };
      const linear = builder.add(op, [x], 'linear');
      const rectified = builder.add({ type: 'relu' }, [linear], 'rectified');
      const graph = builder.build(both ? [rectified, linear] : [rectified]);
      expect((await run(engine, graph, { shape: [1, 1, 1, 2], values: [1, -2] })).values).toEqual([3, 0]);
    }
  });

  it('adds a constant to every picture of a batch', async () => {
    const builder = new GraphBuilder('constant');
    const x = builder.input('x', ['batch', 2]);
    const value = builder.add({ type: 'constant', value: constant('c', [2], 10, 20) }, []);
    const graph = builder.build([builder.add({ type: 'add' }, [x, value], 'y')]);
    expect(await run(engine, graph, { shape: [2, 2], values: [1, 2, 3, 4] })).toEqual({
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
    expect((await run(engine, graph, { shape: [1, 2, 1, 2], values: [1, 2, 3, 4] })).values).toEqual([2, 4, 300, 400]);
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
    const folded = await run(engine, build(false), input);
    expect(folded).toEqual(await run(engine, build(true), input));
    // (2·1 + 1 − 0.25) · 2 / √4.001 − 1
    expect(folded.values[0]).toBeCloseTo(1.74966, 4);
  });
});
