import { LatchkeyError } from '@latchkey/domain';
import type * as tfjs from '@tensorflow/tfjs-core';
import type { GraphNode, Op } from '../graph/graph.ts';
import { fixedDim, type Shape } from '../graph/shape.ts';
import { type Activation, emitConv, emitPool } from './emit-window.ts';
import type { TfConstants } from './tf-constants.ts';
import {
  CHANNELS_LAST_AXIS,
  channelsFirst,
  channelsLast,
  first,
  last,
  picture,
  type TfRuntime,
  type TfValue,
} from './tfjs-value.ts';

/** Computes one node. Runs inside a tidy scope and only reads its inputs. */
export type TfStep = (inputs: readonly TfValue[]) => TfValue;

/** Shorter vectors are divided by this, so that a vector of zeros stays one. */
const SHORTEST = 1e-12;

/** Translates one node to operations of TensorFlow.js; weights go to the backend once, here. */
export function emitTfjs(
  tf: TfRuntime,
  constants: TfConstants,
  node: GraphNode,
  inputShapes: readonly Shape[],
  activation: Activation,
): TfStep {
  const { op } = node;
  const shape = inputShapes[0] ?? [];
  switch (op.type) {
    case 'conv':
      return unary(emitConv(tf, constants, op, activation));
    case 'max-pool':
    case 'average-pool':
    case 'l2-pool':
      return unary(emitPool(tf, constants, op, [fixedDim(shape, 2), fixedDim(shape, 3)]));
    case 'dense': {
      const [into = 0, out = 0] = op.weights.shape;
      const b = constants.matrix(op.weights.data, [into, out]);
      const bias = op.bias ? constants.vector(op.bias.data) : undefined;
      return unary(({ tensor }) => first(tf.fused.matMul({ a: tf.reshape(tensor, [-1, into]), b, bias, activation })));
    }
    case 'constant': {
      const value = constants.tensor(op.value.data, op.value.shape);
      return () => first(tf.clone(value));
    }
    case 'affine':
    case 'prelu':
      return emitPerChannel(tf, constants, op, shape.length);
    case 'relu':
      return inPlace((x) => tf.relu(x));
    case 'sigmoid':
      return inPlace((x) => tf.sigmoid(x));
    case 'tanh':
      return inPlace((x) => tf.tanh(x));
    case 'leaky-relu':
      return inPlace((x) => tf.leakyRelu(x, op.alpha));
    case 'clip':
      return inPlace((x) => tf.clipByValue(x, op.min, op.max));
    case 'add':
      return emitBinary(tf, node.shape.length, tf.add);
    case 'sub':
      return emitBinary(tf, node.shape.length, tf.sub);
    case 'mul':
      return emitBinary(tf, node.shape.length, tf.mul);
    case 'div':
      return emitBinary(tf, node.shape.length, tf.div);
    case 'lrn': {
      if (op.size % 2 === 0) throw unsupported(node, 'a window of an even number of channels');
      const [radius, alpha] = [(op.size - 1) / 2, op.alpha / op.size];
      return unary((value) => last(tf.localResponseNormalization(picture(tf, value), radius, op.k, alpha, op.beta)));
    }
    case 'softmax':
      return emitAlongAxis(tf, op.axis, shape.length, (x, axis) => {
        if (axis === x.rank - 1) return tf.softmax(x);
        const order = swapped(x.rank, axis);
        return tf.transpose(tf.softmax(tf.transpose(x, order)), order);
      });
    case 'l2-normalise':
      return emitAlongAxis(tf, op.axis, shape.length, (x, axis) => {
        const length = tf.sqrt(tf.sum(tf.square(x), axis, true));
        return tf.div(x, tf.maximum(length, SHORTEST));
      });
    case 'mean':
      return unary((value) => emitMean(tf, op, value));
    case 'pad':
      return unary((value) => {
        const order = value.channelsLast ? [0, 2, 3, 1] : op.before.map((_, axis) => axis);
        const pairs = order.map((axis): [number, number] => [op.before[axis] ?? 0, op.after[axis] ?? 0]);
        return { ...value, tensor: tf.pad(value.tensor, pairs) };
      });
    case 'reshape': {
      const target = op.shape.map((dim) => (dim === 'batch' ? -1 : dim));
      return unary((value) => first(tf.reshape(channelsFirst(tf, value), target)));
    }
    case 'transpose':
      return unary((value) => emitTranspose(tf, op.order, value));
    case 'concat': {
      const axis = shape.length === 4 ? (CHANNELS_LAST_AXIS[op.axis] ?? op.axis) : op.axis;
      const tensors = (inputs: readonly TfValue[]): tfjs.Tensor[] => inputs.map((value) => channelsLast(tf, value));
      return (inputs) => ({ tensor: tf.concat(tensors(inputs), axis), channelsLast: shape.length === 4 });
    }
    case 'upsample': {
      const size: [number, number] = [fixedDim(node.shape, 2), fixedDim(node.shape, 3)];
      return unary((value) =>
        last(
          op.mode === 'nearest'
            ? tf.image.resizeNearestNeighbor(picture(tf, value), size)
            : tf.image.resizeBilinear(picture(tf, value), size, false, true),
        ),
      );
    }
  }
}

function unary(compute: (value: TfValue) => TfValue): TfStep {
  return ([value]) => {
    if (!value) throw new LatchkeyError('internal', 'A step of a network was run without its input.');
    return compute(value);
  };
}

/** For what is the same in every order of the axes. */
function inPlace(compute: (x: tfjs.Tensor) => tfjs.Tensor): TfStep {
  return unary((value) => ({ ...value, tensor: compute(value.tensor) }));
}

function unsupported(node: GraphNode, what: string): LatchkeyError {
  return new LatchkeyError(
    'engine-unavailable',
    `TensorFlow.js has no kernel for ${what} ("${node.id}"); run this network with LATCHKEY_ENGINE=onnx.`,
  );
}

/** Channels last, or the second of two dimensions: one value per channel is repeated by itself. Else it is shaped. */
function emitPerChannel(
  tf: TfRuntime,
  constants: TfConstants,
  op: Extract<Op, { type: 'affine' | 'prelu' }>,
  rank: number,
): TfStep {
  const perChannel = (data: Float32Array): tfjs.Tensor =>
    rank === 3 ? constants.tensor(data, [data.length, 1]) : constants.vector(data);
  const wrap = (tensor: tfjs.Tensor): TfValue => ({ tensor, channelsLast: rank === 4 });
  if (op.type === 'affine') {
    const [scale, shift] = [perChannel(op.scale.data), perChannel(op.shift.data)];
    return unary((value) => wrap(tf.add(tf.mul(channelsLast(tf, value), scale), shift)));
  }
  const slope = perChannel(op.slope.data);
  return unary((value) => {
    const x = channelsLast(tf, value);
    // The kernel knows channels in the last axis only.
    return wrap(rank === 3 ? tf.sub(tf.relu(x), tf.mul(tf.relu(tf.neg(x)), slope)) : tf.prelu(x, slope));
  });
}

function emitBinary(tf: TfRuntime, rank: number, compute: (a: tfjs.Tensor, b: tfjs.Tensor) => tfjs.Tensor): TfStep {
  return ([a, b]) => {
    if (!a || !b) throw new LatchkeyError('internal', 'A step of a network was run with one input in place of two.');
    if (rank !== 4 || !(a.channelsLast || b.channelsLast)) return first(compute(a.tensor, b.tensor));
    const ordered = (value: TfValue): tfjs.Tensor => {
      const { tensor } = value;
      if (tensor.rank === 4) return channelsLast(tf, value);
      const filled = tf.reshape(tensor, [...new Array<number>(4 - tensor.rank).fill(1), ...tensor.shape]);
      return channelsLast(tf, first(filled));
    };
    return last(compute(ordered(a), ordered(b)));
  };
}

function emitAlongAxis(
  tf: TfRuntime,
  axis: number,
  rank: number,
  compute: (x: tfjs.Tensor, axis: number) => tfjs.Tensor,
): TfStep {
  const positive = axis < 0 ? axis + rank : axis;
  if (rank !== 4) return unary(({ tensor }) => first(compute(tensor, positive)));
  return unary((value) => last(compute(channelsLast(tf, value), CHANNELS_LAST_AXIS[positive] ?? positive)));
}

/** The order of axes in which `axis` and the last one have changed places; it is its own inverse. */
function swapped(rank: number, axis: number): number[] {
  return Array.from({ length: rank }, (_, i) => (i === axis ? rank - 1 : i === rank - 1 ? axis : i));
}

function emitMean(tf: TfRuntime, { axes, keepDims }: Extract<Op, { type: 'mean' }>, value: TfValue): TfValue {
  const onlyChannelsRemain = axes.includes(2) && axes.includes(3);
  if (value.channelsLast && (keepDims || onlyChannelsRemain)) {
    const stored = axes.map((axis) => CHANNELS_LAST_AXIS[axis] ?? axis);
    return { tensor: tf.mean(value.tensor, stored, keepDims), channelsLast: keepDims };
  }
  return first(tf.mean(channelsFirst(tf, value), [...axes], keepDims));
}

/** A description that turns channels last, or back, often names what the memory holds already. */
function emitTranspose(tf: TfRuntime, order: readonly number[], value: TfValue): TfValue {
  const is = (...other: number[]): boolean => order.length === 4 && other.every((axis, i) => axis === order[i]);
  if (value.channelsLast && is(0, 2, 3, 1)) return first(tf.clone(value.tensor));
  if (!value.channelsLast && is(0, 3, 1, 2)) return last(tf.clone(value.tensor));
  return first(tf.transpose(channelsFirst(tf, value), [...order]));
}
