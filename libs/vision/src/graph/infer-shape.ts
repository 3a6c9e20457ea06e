import { LatchkeyError } from '@latchkey/domain';
import type { Op, Padding, Pair } from './graph.ts';
import { type Dim, fixedDim, formatShape, type Shape, sizeOf } from './shape.ts';

function mismatch(op: Op, found: string, expected: string): LatchkeyError {
  return new LatchkeyError('shape-mismatch', `${op.type}: found ${found}, expected ${expected}.`);
}

function windowed(shape: Shape, channels: number, size: Pair, strides: Pair, padding: Padding, dilations: Pair): Shape {
  const [top, left, bottom, right] = padding;
  const along = (input: number, around: number, window: number, stride: number, dilation: number): number =>
    Math.floor((input + around - (window - 1) * dilation - 1) / stride) + 1;
  return [
    shape[0] ?? 'batch',
    channels,
    along(fixedDim(shape, 2), top + bottom, size[0], strides[0], dilations[0]),
    along(fixedDim(shape, 3), left + right, size[1], strides[1], dilations[1]),
  ];
}

function broadcast(op: Op, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  const padded = (shape: Shape): Dim[] => [...new Array<Dim>(rank - shape.length).fill(1), ...shape];
  const right = padded(b);
  return padded(a).map((dim, i) => {
    const other = right[i] ?? 1;
    if (dim === other || other === 1) return dim;
    if (dim === 1) return other;
    throw mismatch(op, `${formatShape(a)} with ${formatShape(b)}`, 'shapes that are equal or 1 in each dimension');
  });
}

function concatenated(op: Op, shapes: readonly Shape[], axis: number): Shape {
  const [first, ...rest] = shapes;
  if (!first) throw mismatch(op, 'no inputs', 'at least one');
  let total = fixedDim(first, axis);
  for (const shape of rest) {
    if (shape.length !== first.length || shape.some((dim, i) => i !== axis && dim !== first[i])) {
      throw mismatch(op, `${formatShape(first)} with ${formatShape(shape)}`, `shapes that differ in axis ${axis} only`);
    }
    total += fixedDim(shape, axis);
  }
  return first.map((dim, i) => (i === axis ? total : dim));
}

/**
 * Shape of an operation's result.
 * @throws LatchkeyError `shape-mismatch` that names the found and the expected shape.
 */
export function inferShape(op: Op, inputs: readonly Shape[]): Shape {
  if (op.type === 'constant') return op.value.shape;
  const shape = inputs[0];
  if (!shape) throw mismatch(op, 'no input', 'one');
  switch (op.type) {
    case 'conv': {
      const [out = 0, inPerGroup = 0, height = 0, width = 0] = op.weights.shape;
      const channels = inPerGroup * op.groups;
      if (shape.length !== 4 || shape[1] !== channels || out % op.groups !== 0) {
        throw mismatch(op, formatShape(shape), `[batch, ${channels}, height, width] for weights ${op.weights.name}`);
      }
      return windowed(shape, out, [height, width], op.strides, op.padding, op.dilations);
    }
    case 'dense': {
      const [into = 0, out = 0] = op.weights.shape;
      if (shape.length !== 2 || shape[1] !== into) throw mismatch(op, formatShape(shape), `[batch, ${into}]`);
      return [shape[0] ?? 'batch', out];
    }
    case 'affine':
    case 'prelu': {
      const perChannel = op.type === 'affine' ? op.scale : op.slope;
      if (shape[1] !== perChannel.data.length) {
        throw mismatch(op, formatShape(shape), `${perChannel.data.length} channels for ${perChannel.name}`);
      }
      return shape;
    }
    case 'max-pool':
    case 'average-pool':
    case 'l2-pool':
      return windowed(shape, fixedDim(shape, 1), op.size, op.strides, op.padding, [1, 1]);
    case 'mean':
      return op.keepDims
        ? shape.map((dim, i) => (op.axes.includes(i) ? 1 : dim))
        : shape.filter((_, i) => !op.axes.includes(i));
    case 'pad':
      if (op.before.length !== shape.length || op.after.length !== shape.length) {
        throw mismatch(op, `${op.before.length} pairs of padding`, `${shape.length} for ${formatShape(shape)}`);
      }
      return shape.map((dim, i) => (dim === 'batch' ? dim : dim + (op.before[i] ?? 0) + (op.after[i] ?? 0)));
    case 'reshape':
      if (sizeOf(op.shape) !== sizeOf(shape) || op.shape.indexOf('batch') > 0) {
        throw mismatch(op, formatShape(op.shape), `a shape of ${sizeOf(shape)} values for ${formatShape(shape)}`);
      }
      return op.shape;
    case 'transpose':
      if (op.order.length !== shape.length || new Set(op.order).size !== shape.length) {
        throw mismatch(op, `order [${op.order.join(', ')}]`, `each axis of ${formatShape(shape)} once`);
      }
      return op.order.map((axis) => shape[axis] ?? 1);
    case 'concat':
      return concatenated(op, inputs, op.axis);
    case 'add':
    case 'sub':
    case 'mul':
    case 'div': {
      const other = inputs[1];
      if (!other) throw mismatch(op, 'one input', 'two');
      return broadcast(op, shape, other);
    }
    case 'upsample':
      return [shape[0] ?? 'batch', fixedDim(shape, 1), fixedDim(shape, 2) * op.factor, fixedDim(shape, 3) * op.factor];
    case 'relu':
    case 'sigmoid':
    case 'tanh':
    case 'leaky-relu':
    case 'clip':
    case 'softmax':
    case 'lrn':
    case 'l2-normalise':
      return shape;
  }
}
