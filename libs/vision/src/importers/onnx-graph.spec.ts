import { describe, expect, it } from '@jest/globals';
import type { Constant, Graph } from '../graph/graph.ts';
import { GraphBuilder } from '../graph/graph-builder.ts';
import { compileOnnx } from '../onnx/compile-onnx.ts';
import { encodeOnnxModel, type OnnxNode } from '../onnx/onnx-model.ts';
import { evaluateGraph } from '../reference/evaluate-graph.ts';
import { importOnnxGraph } from './onnx-graph.ts';

function weights(name: string, ...shape: number[]): Constant {
  const size = shape.reduce((product, dim) => product * dim, 1);
  return { name, shape, data: Float32Array.from({ length: size }, (_, i) => Math.sin(i + name.length)) };
}

/** Every operation that YuNet, MobileFaceNet and SFace have. */
function everything(): Graph {
  const b = new GraphBuilder('net');
  const x = b.input('x', ['batch', 2, 8, 8]);
  const centred = b.add({ type: 'sub' }, [x, b.add({ type: 'constant', value: weights('mean', 1) }, [])]);
  const window = { strides: [2, 2], padding: [1, 1, 1, 1], dilations: [1, 1] } as const;
  const full = b.add({ type: 'conv', weights: weights('w', 4, 2, 3, 3), bias: weights('b', 4), groups: 1, ...window }, [
    centred,
  ]);
  const slopes = b.add({ type: 'prelu', slope: weights('slope', 4) }, [full]);
  const depthwise = b.add({ type: 'conv', weights: weights('d', 4, 1, 3, 3), bias: null, groups: 4, ...window }, [
    slopes,
  ]);
  const clipped = b.add({ type: 'clip', min: 0, max: 6 }, [depthwise]);
  const large = b.add({ type: 'upsample', factor: 2, mode: 'nearest' }, [clipped]);
  const sum = b.add({ type: 'add' }, [large, slopes]);
  const pooled = b.add({ type: 'max-pool', size: [2, 2], strides: [2, 2], padding: [0, 0, 0, 0] }, [b.relu(sum)]);
  const last = b.add({ type: 'transpose', order: [0, 2, 3, 1] }, [pooled]);
  const places = b.add({ type: 'sigmoid' }, [b.add({ type: 'reshape', shape: ['batch', 4, 4] }, [last])], 'places');
  const flat = b.add({ type: 'reshape', shape: ['batch', 16] }, [pooled]);
  const vector = b.add({ type: 'dense', weights: weights('full', 16, 3), bias: weights('bias', 3) }, [flat], 'vector');
  return b.build([places, vector]);
}

describe('importOnnxGraph', () => {
  const graph = everything();
  const bytes = compileOnnx(graph);

  it('describes the network that the file holds', () => {
    const read = importOnnxGraph('net', bytes, graph.inputs, graph.outputs);
    expect(read.outputs).toEqual(graph.outputs);
    const input = { shape: [2, 2, 8, 8], data: Float64Array.from({ length: 256 }, (_, i) => Math.cos(i)) };
    const expected = evaluateGraph(graph, [input]);
    evaluateGraph(read, [input]).forEach(({ shape, data }, i) => {
      expect(shape).toEqual(expected[i]?.shape);
      data.forEach((value, k) => {
        expect(value).toBeCloseTo(expected[i]?.data[k] ?? Number.NaN, 12);
      });
    });
  });

  it('refuses a file that is cut off, wherever, and one with other outputs', () => {
    for (let length = 0; length < bytes.length; length += 5) {
      expect(() => importOnnxGraph('net', bytes.subarray(0, length), graph.inputs, graph.outputs)).toThrow(
        expect.objectContaining({ code: 'model-corrupt', message: expect.stringContaining('net') }),
      );
    }
    expect(() => importOnnxGraph('net', bytes, graph.inputs, [{ name: 'z', shape: ['batch', 3] }])).toThrow(
      'net has no output "z"',
    );
  });

  const node = (opType: string, more: Partial<OnnxNode> = {}): OnnxNode => ({
    opType,
    inputs: ['x', 'w'],
    output: 'y',
    ...more,
  });
  it.each<[string, OnnxNode, RegExp]>([
    ['an operator that nobody described', node('Gelu'), /"y" \(Gelu\) has an operator that is not known/],
    ['an input that nothing gives', node('Add', { inputs: ['x', 'q'] }), /an input "q" that nothing gives/],
    ['no weights', node('Conv', { inputs: ['x', 'x'] }), /computed value, or nothing, where weights are expected/],
    ['padding that ONNX works out', node('Conv', { attributes: { auto_pad: 'SAME_UPPER' } }), /worked out by itself/],
    ['sizes that are rounded up', node('MaxPool', { attributes: { ceil_mode: 1n } }), /rounded up/],
    ['another interpolation', node('Resize', { attributes: { mode: 'cubic' } }), /another interpolation/],
    ['a factor', node('Gemm', { attributes: { alpha: 0.5 } }), /a factor or a transposed input/],
    ['another type', node('Cast', { attributes: { to: 6n } }), /other than single precision/],
    ['slopes for other channels', node('PRelu'), /not one per channel/],
  ])('refuses %s, naming node and operator', (_, wrong, message) => {
    const x = { name: 'x', shape: ['batch', 3, 4, 4] } as const;
    const y = { name: 'y', shape: ['batch', 3, 4, 4] } as const;
    const file = encodeOnnxModel({
      name: 'net',
      nodes: [wrong],
      weights: [weights('w', 5, 3, 3, 3)],
      inputs: [x],
      outputs: [y],
    });
    expect(() => importOnnxGraph('net', file, [x], [y])).toThrow(message);
  });
});
