import { describe, expect, it } from '@jest/globals';
import type { Constant, Op } from './graph.ts';
import { GraphBuilder } from './graph-builder.ts';
import { inferShape } from './infer-shape.ts';
import { samePadding } from './same-padding.ts';
import type { Shape } from './shape.ts';

const zeros = (...shape: number[]): Constant => ({
  name: 'w',
  shape,
  data: new Float32Array(shape.reduce((product, dim) => product * dim, 1)),
});
const conv: Op = {
  type: 'conv',
  weights: zeros(8, 3, 7, 7),
  bias: null,
  strides: [2, 2],
  padding: [0, 0, 0, 0],
  dilations: [1, 1],
  groups: 1,
};

describe('inferShape', () => {
  it.each<[string, Op, Shape[], Shape]>([
    ['dlib’s first convolution', conv, [['batch', 3, 150, 150]], ['batch', 8, 72, 72]],
    [
      'a pool that drops the last row',
      { type: 'max-pool', size: [3, 3], strides: [2, 2], padding: [0, 0, 0, 0] },
      [['batch', 32, 72, 72]],
      ['batch', 32, 35, 35],
    ],
    [
      'a sum with repetition',
      { type: 'add' },
      [
        ['batch', 4, 5, 5],
        [4, 1, 1],
      ],
      ['batch', 4, 5, 5],
    ],
    ['a mean over the picture', { type: 'mean', axes: [2, 3], keepDims: false }, [['batch', 9, 3, 3]], ['batch', 9]],
  ])('knows the result of %s', (_, op, inputs, expected) => {
    expect(inferShape(op, inputs)).toEqual(expected);
  });

  it.each<[string, Op, Shape[], RegExp]>([
    ['channels', conv, [['batch', 4, 150, 150]], /found \[batch, 4, 150, 150\], expected \[batch, 3, height, width\]/],
    ['a vector', { type: 'dense', weights: zeros(4, 2), bias: null }, [['batch', 5]], /\[batch, 5\].*\[batch, 4\]/],
    [
      'a sum',
      { type: 'add' },
      [
        ['batch', 4],
        ['batch', 5],
      ],
      /\[batch, 4\] with \[batch, 5\]/,
    ],
    ['a reshape', { type: 'reshape', shape: ['batch', 7] }, [['batch', 8]], /\[batch, 7\].*8 values for \[batch, 8\]/],
    [
      'a concatenation',
      { type: 'concat', axis: 1 },
      [
        ['batch', 4, 2],
        ['batch', 5, 3],
      ],
      /\[batch, 4, 2\] with \[batch, 5, 3\]/,
    ],
  ])('names both shapes when %s does not fit', (_, op, inputs, message) => {
    expect(() => inferShape(op, inputs)).toThrow(expect.objectContaining({ code: 'shape-mismatch' }));
    expect(() => inferShape(op, inputs)).toThrow(message);
  });
});

describe('samePadding', () => {
  it.each([
    ['an even side that is halved', [112, 112], [3, 3], [2, 2], [0, 0, 1, 1]],
    ['an odd side that is halved', [7, 7], [3, 3], [2, 2], [1, 1, 1, 1]],
    ['a stride of one', [7, 5], [3, 3], [1, 1], [1, 1, 1, 1]],
    ['a wide window', [16, 16], [5, 5], [2, 2], [1, 1, 2, 2]],
    ['a window no larger than its stride', [8, 8], [2, 2], [2, 2], [0, 0, 0, 0]],
  ] as const)('pads %s as TensorFlow does', (_, input, size, strides, expected) => {
    expect(samePadding(input, size, strides)).toEqual(expected);
  });
});

describe('GraphBuilder', () => {
  it('refuses two values of one name', () => {
    const builder = new GraphBuilder('twice');
    const x = builder.input('x', ['batch', 1]);
    expect(() => builder.add({ type: 'relu' }, [x], 'x')).toThrow(/two values named "x"/);
  });
});
