import type * as tfjs from '@tensorflow/tfjs-core';
import type { Constant, Op, Padding, Pair, Window } from '../graph/graph.ts';
import { samePadding } from '../graph/same-padding.ts';
import type { TfConstants } from './tf-constants.ts';
import { channelsLast, last, picture, type TfRuntime, type TfValue } from './tfjs-value.ts';

type Conv = Extract<Op, { type: 'conv' }>;
type Pool = Extract<Op, { type: 'max-pool' | 'average-pool' | 'l2-pool' }>;

/** What follows a convolution in the same kernel. */
export type Activation = 'linear' | 'relu';

/** Never the largest of a window, and finite so that no kernel makes NaN of it. */
const LOWEST = -3.4e38;

/**
 * Kernels take no padding, TensorFlow's `same`, or other padding only on some backends: what is neither is added before.
 */
function prepared(
  tf: TfRuntime,
  value: TfValue,
  window: Window & { readonly dilations: Pair },
  fill: number,
): { padded: tfjs.Tensor4D; pad: 'same' | 'valid' } {
  const unpadded = picture(tf, value);
  const [top, left, bottom, right] = window.padding;
  if (top + left + bottom + right === 0) return { padded: unpadded, pad: 'valid' };
  const [, height, width] = unpadded.shape;
  const same = samePadding([height, width], window.size, window.strides, window.dilations);
  if (same.every((zeros, side) => zeros === window.padding[side])) return { padded: unpadded, pad: 'same' };
  return { padded: tf.pad4d(unpadded, around(window.padding), fill), pad: 'valid' };
}

const around = ([top, left, bottom, right]: Padding): [
  [number, number],
  [number, number],
  [number, number],
  [number, number],
] => [
  [0, 0],
  [top, bottom],
  [left, right],
  [0, 0],
];

/** `[out, in, height, width]` as TensorFlow keeps filters, `[height, width, in, out]`. */
function turnedFilters({ data, shape }: Constant): { data: Float32Array; shape: [number, number, number, number] } {
  const [out = 1, into = 1, height = 1, width = 1] = shape;
  const turned = new Float32Array(data.length);
  let source = 0;
  for (let o = 0; o < out; o++)
    for (let i = 0; i < into; i++)
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) turned[((y * width + x) * into + i) * out + o] = data[source++] ?? 0;
  return { data: turned, shape: [height, width, into, out] };
}

/** A convolution with its bias and activation in one kernel. */
export function emitConv(
  tf: TfRuntime,
  constants: TfConstants,
  op: Conv,
  activation: Activation,
): (value: TfValue) => TfValue {
  const [out = 1, inPerGroup = 1, height = 1, width = 1] = op.weights.shape;
  const window = { size: [height, width], strides: op.strides, padding: op.padding, dilations: op.dilations } as const;
  const bias = op.bias ? constants.vector(op.bias.data) : undefined;
  const common = { strides: pair(op.strides), dilations: pair(op.dilations), bias, activation };
  const turned = turnedFilters(op.weights);
  if (op.groups === 1) {
    const filter = constants.picture(turned.data, turned.shape);
    return (value) => {
      const { padded: x, pad } = prepared(tf, value, window, 0);
      return last(tf.fused.conv2d({ ...common, x, filter, pad }));
    };
  }
  if (inPerGroup === 1) {
    // Output channel in · multiplier + m: what TensorFlow has as `[height, width, in, multiplier]`.
    const filter = constants.picture(turned.data, [height, width, op.groups, out / op.groups]);
    return (value) => {
      const { padded: x, pad } = prepared(tf, value, window, 0);
      return last(tf.fused.depthwiseConv2d({ ...common, x, filter, pad }));
    };
  }
  return emitGrouped(tf, constants, op, activation);
}

/** Groups of several channels each, which TensorFlow has no kernel for: one convolution per group. */
function emitGrouped(
  tf: TfRuntime,
  constants: TfConstants,
  op: Conv,
  activation: Activation,
): (value: TfValue) => TfValue {
  const perGroup = (op.weights.shape[0] ?? 1) / op.groups;
  const filterValues = op.weights.data.length / op.groups;
  const groups = Array.from({ length: op.groups }, (_, group) =>
    emitConv(
      tf,
      constants,
      {
        ...op,
        groups: 1,
        weights: {
          ...op.weights,
          shape: [perGroup, ...op.weights.shape.slice(1)],
          data: op.weights.data.subarray(group * filterValues, (group + 1) * filterValues),
        },
        bias: op.bias && {
          ...op.bias,
          shape: [perGroup],
          data: op.bias.data.subarray(group * perGroup, (group + 1) * perGroup),
        },
      },
      activation,
    ),
  );
  return (value) => {
    const parts = tf.split(channelsLast(tf, value), op.groups, 3);
    return last(
      tf.concat(
        parts.flatMap((part, i) => groups[i]?.(last(part)).tensor ?? []),
        3,
      ),
    );
  };
}

const pair = ([height, width]: Pair): [number, number] => [height, width];

/** A pool. TensorFlow has none for L2; it is the root of the mean of squares times the window's size. */
export function emitPool(
  tf: TfRuntime,
  constants: TfConstants,
  op: Pool,
  inputSize: Pair,
): (value: TfValue) => TfValue {
  const window = { size: op.size, strides: op.strides, padding: op.padding, dilations: [1, 1] as const };
  const [size, strides] = [pair(op.size), pair(op.strides)];
  if (op.type === 'max-pool') {
    return (value) => {
      const { padded, pad } = prepared(tf, value, window, LOWEST);
      return last(tf.maxPool(padded, size, strides, pad));
    };
  }
  const area = size[0] * size[1];
  if (op.type === 'l2-pool') {
    return (value) => {
      // Padded by hand even where `same` would fit: that one leaves the padding out of the mean.
      const squares = tf.pad4d(tf.square(picture(tf, value)), around(op.padding));
      return last(tf.sqrt(tf.mul(tf.avgPool(squares, size, strides, 'valid'), area)));
    };
  }
  const weights = constants.picture(...shares(op, inputSize));
  return (value) => {
    const { padded, pad } = prepared(tf, value, window, 0);
    const mean = tf.avgPool(padded, size, strides, pad);
    return last(padded.shape[1] === inputSize[0] && padded.shape[2] === inputSize[1] ? mean : tf.mul(mean, weights));
  };
}

/** By what a mean over the whole window must be multiplied to be one over its part that is no padding. */
function shares(
  { size, strides, padding }: Pool,
  input: Pair,
): [data: Float32Array, shape: [number, number, number, number]] {
  const [top, left, bottom, right] = padding;
  const count = (axis: 0 | 1, before: number, after: number): number[] => {
    const outputs = Math.floor((input[axis] + before + after - size[axis]) / strides[axis]) + 1;
    return Array.from({ length: outputs }, (_, i) => {
      const from = i * strides[axis] - before;
      return Math.min(from + size[axis], input[axis]) - Math.max(from, 0);
    });
  };
  const [rows, columns] = [count(0, top, bottom), count(1, left, right)];
  const area = size[0] * size[1];
  const data = rows.flatMap((row) => columns.map((column) => area / (row * column)));
  return [Float32Array.from(data), [1, rows.length, columns.length, 1]];
}
