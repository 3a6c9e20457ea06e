import { LatchkeyError } from '@latchkey/domain';
import type { Graph, GraphNode, Op } from '../graph/graph.ts';
import { windowSteps } from './window-steps.ts';

/** A tensor of double precision, row-major. */
export interface ExactTensor {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, dim) => product * dim, 1);

/**
 * Computes a network in double precision, operation by operation as its description says: slow, and the yardstick for
 * engines, which compute in single precision and each in an order of their own.
 * @param inputs one for each of the network's inputs, in its order.
 * @returns its outputs in order.
 */
export function evaluateGraph(graph: Graph, inputs: readonly ExactTensor[]): readonly ExactTensor[] {
  const values = new Map<string, ExactTensor>();
  graph.inputs.forEach((spec, i) => {
    const input = inputs[i];
    if (input) values.set(spec.name, input);
  });
  const known = (id: string): ExactTensor => {
    const value = values.get(id);
    if (!value) throw new LatchkeyError('shape-mismatch', `${graph.name} was evaluated without "${id}".`);
    return value;
  };
  const batch = inputs[0]?.shape[0] ?? 1;
  for (const node of graph.nodes) values.set(node.id, evaluate(node, node.inputs.map(known), batch));
  return graph.outputs.map((output) => known(output.name));
}

function evaluate(node: GraphNode, inputs: readonly ExactTensor[], batch: number): ExactTensor {
  const { op } = node;
  const shape = node.shape.map((dim) => (dim === 'batch' ? batch : dim));
  if (op.type === 'constant') return { shape, data: Float64Array.from(op.value.data) };
  const [input, other] = inputs;
  if (!input) throw new LatchkeyError('shape-mismatch', `"${node.id}" has no input.`);
  const each = (compute: (value: number) => number): ExactTensor => ({ shape, data: input.data.map(compute) });
  switch (op.type) {
    case 'conv':
      return convolved(op, input, shape);
    case 'max-pool':
    case 'average-pool':
    case 'l2-pool':
      return pooled(op, input, shape);
    case 'dense':
      return dense(op, input, shape);
    case 'affine':
      return perChannel(input, (x, channel) => x * (op.scale.data[channel] ?? 0) + (op.shift.data[channel] ?? 0));
    case 'prelu':
      return perChannel(input, (x, channel) => (x < 0 ? x * (op.slope.data[channel] ?? 0) : x));
    case 'relu':
      return each((x) => Math.max(x, 0));
    case 'sigmoid':
      return each((x) => 1 / (1 + Math.exp(-x)));
    case 'tanh':
      return each(Math.tanh);
    case 'leaky-relu':
      return each((x) => (x < 0 ? x * op.alpha : x));
    case 'clip':
      return each((x) => Math.min(Math.max(x, op.min), op.max));
    case 'lrn':
      return normalisedLocally(op, input);
    case 'softmax':
      return alongAxis(input, op.axis, (line) => {
        const exponentials = line.map((x) => Math.exp(x - Math.max(...line)));
        const sum = exponentials.reduce((total, x) => total + x, 0);
        return exponentials.map((x) => x / sum);
      });
    case 'l2-normalise':
      return alongAxis(input, op.axis, (line) => {
        const length = Math.hypot(...line);
        return line.map((x) => (length > 0 ? x / length : x));
      });
    case 'reshape':
      return { shape, data: input.data };
    case 'transpose':
      return gathered(input, shape, (at) => {
        const from = new Array<number>(at.length).fill(0);
        op.order.forEach((axis, i) => {
          from[axis] = at[i] ?? 0;
        });
        return from;
      });
    case 'pad':
      return gathered(input, shape, (at) => at.map((index, axis) => index - (op.before[axis] ?? 0)));
    case 'mean':
      return mean(op, input, shape);
    case 'concat': {
      const data = new Float64Array(sizeOf(shape));
      const outer = sizeOf(shape.slice(0, op.axis));
      let target = 0;
      for (let row = 0; row < outer; row++)
        for (const { data: part } of inputs) {
          const length = part.length / outer;
          data.set(part.subarray(row * length, (row + 1) * length), target);
          target += length;
        }
      return { shape, data };
    }
    case 'add':
    case 'sub':
    case 'mul':
    case 'div': {
      if (!other) throw new LatchkeyError('shape-mismatch', `"${node.id}" has one input, expected two.`);
      const compute = arithmetic[op.type];
      const repeated = (tensor: ExactTensor): ExactTensor =>
        gathered(tensor, shape, (at) =>
          at.slice(at.length - tensor.shape.length).map((index, axis) => (tensor.shape[axis] === 1 ? 0 : index)),
        );
      const right = repeated(other).data;
      return { shape, data: repeated(input).data.map((a, i) => compute(a, right[i] ?? 0)) };
    }
    case 'upsample':
      return upsampled(op, input, shape);
  }
}

const arithmetic = {
  add: (a: number, b: number) => a + b,
  sub: (a: number, b: number) => a - b,
  mul: (a: number, b: number) => a * b,
  div: (a: number, b: number) => a / b,
} as const;

function convolved(op: Extract<Op, { type: 'conv' }>, input: ExactTensor, shape: readonly number[]): ExactTensor {
  const [batch = 1, channels = 1, height = 1, width = 1] = input.shape;
  const [, filters = 1, outHeight = 1, outWidth = 1] = shape;
  const [, depth = 1, windowHeight = 1, windowWidth = 1] = op.weights.shape;
  const data = new Float64Array(sizeOf(shape));
  const rows = windowSteps(height, outHeight, windowHeight, op.strides[0], op.padding[0], op.dilations[0]);
  const columns = windowSteps(width, outWidth, windowWidth, op.strides[1], op.padding[1], op.dilations[1]);
  const [plane, outPlane, stride] = [height * width, outHeight * outWidth, op.strides[1]];
  for (let n = 0; n < batch; n++)
    for (let filter = 0; filter < filters; filter++) {
      const target = (n * filters + filter) * outPlane;
      data.fill(op.bias?.data[filter] ?? 0, target, target + outPlane);
      const firstChannel = Math.floor(filter / (filters / op.groups)) * depth;
      for (let c = 0; c < depth; c++) {
        const source = (n * channels + firstChannel + c) * plane;
        for (const row of rows)
          for (const column of columns) {
            const at = ((filter * depth + c) * windowHeight + row.tap) * windowWidth + column.tap;
            const weight = op.weights.data[at] ?? 0;
            for (let y = row.from; y < row.to; y++) {
              const line = source + (y * op.strides[0] + row.shift) * width + column.shift;
              const outLine = target + y * outWidth;
              for (let x = column.from; x < column.to; x++)
                data[outLine + x] = (data[outLine + x] ?? 0) + weight * (input.data[line + x * stride] ?? 0);
            }
          }
      }
    }
  return { shape, data };
}

function pooled(
  op: Extract<Op, { type: 'max-pool' | 'average-pool' | 'l2-pool' }>,
  input: ExactTensor,
  shape: readonly number[],
): ExactTensor {
  const [batch = 1, channels = 1, height = 1, width = 1] = input.shape;
  const [, , outHeight = 1, outWidth = 1] = shape;
  const rows = windowSteps(height, outHeight, op.size[0], op.strides[0], op.padding[0], 1);
  const columns = windowSteps(width, outWidth, op.size[1], op.strides[1], op.padding[1], 1);
  const data = new Float64Array(sizeOf(shape));
  for (let plane = 0; plane < batch * channels; plane++)
    for (let y = 0; y < outHeight; y++)
      for (let x = 0; x < outWidth; x++) {
        const inside: number[] = [];
        for (const row of rows)
          for (const column of columns)
            if (y >= row.from && y < row.to && x >= column.from && x < column.to) {
              const [sourceY, sourceX] = [y * op.strides[0] + row.shift, x * op.strides[1] + column.shift];
              inside.push(input.data[(plane * height + sourceY) * width + sourceX] ?? 0);
            }
        const sum = inside.reduce((total, value) => total + value, 0);
        data[(plane * outHeight + y) * outWidth + x] =
          op.type === 'max-pool'
            ? Math.max(...inside)
            : op.type === 'l2-pool'
              ? Math.hypot(...inside)
              : sum / inside.length;
      }
  return { shape, data };
}

function dense(op: Extract<Op, { type: 'dense' }>, input: ExactTensor, shape: readonly number[]): ExactTensor {
  const [into = 1, out = 1] = op.weights.shape;
  const data = new Float64Array(sizeOf(shape));
  for (let i = 0; i < data.length; i++) {
    const [row, column] = [Math.floor(i / out), i % out];
    let sum = op.bias?.data[column] ?? 0;
    for (let k = 0; k < into; k++) sum += (input.data[row * into + k] ?? 0) * (op.weights.data[k * out + column] ?? 0);
    data[i] = sum;
  }
  return { shape, data };
}

function perChannel({ shape, data }: ExactTensor, compute: (value: number, channel: number) => number): ExactTensor {
  const [channels = 1, inner] = [shape[1], sizeOf(shape.slice(2))];
  return { shape, data: data.map((value, i) => compute(value, Math.floor(i / inner) % channels)) };
}

function normalisedLocally(op: Extract<Op, { type: 'lrn' }>, { shape, data }: ExactTensor): ExactTensor {
  const [channels = 1, inner] = [shape[1], sizeOf(shape.slice(2))];
  const [before, after] = [Math.floor((op.size - 1) / 2), Math.ceil((op.size - 1) / 2)];
  const result = data.map((value, i) => {
    const channel = Math.floor(i / inner) % channels;
    let squares = 0;
    for (let c = Math.max(channel - before, 0); c <= Math.min(channel + after, channels - 1); c++)
      squares += (data[i + (c - channel) * inner] ?? 0) ** 2;
    return value / (op.k + (op.alpha / op.size) * squares) ** op.beta;
  });
  return { shape, data: result };
}

function alongAxis({ shape, data }: ExactTensor, axis: number, compute: (line: number[]) => number[]): ExactTensor {
  const positive = axis < 0 ? axis + shape.length : axis;
  const [length = 1, inner] = [shape[positive], sizeOf(shape.slice(positive + 1))];
  const result = new Float64Array(data.length);
  for (let start = 0; start < data.length; start++) {
    if (Math.floor(start / inner) % length !== 0) continue;
    const line = Array.from({ length }, (_, i) => data[start + i * inner] ?? 0);
    compute(line).forEach((value, i) => {
      result[start + i * inner] = value;
    });
  }
  return { shape, data: result };
}

/** Every value of the result from where `source` says; zero where that is outside the input. */
function gathered(
  input: ExactTensor,
  shape: readonly number[],
  source: (at: readonly number[]) => readonly number[],
): ExactTensor {
  const data = new Float64Array(sizeOf(shape));
  const at = new Array<number>(shape.length).fill(0);
  for (let i = 0; i < data.length; i++) {
    let [rest, offset, inside] = [i, 0, true];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const dim = shape[axis] ?? 1;
      at[axis] = rest % dim;
      rest = Math.floor(rest / dim);
    }
    source(at).forEach((index, axis) => {
      const dim = input.shape[axis] ?? 1;
      inside &&= index >= 0 && index < dim;
      offset = offset * dim + index;
    });
    if (inside) data[i] = input.data[offset] ?? 0;
  }
  return { shape, data };
}

function mean(op: Extract<Op, { type: 'mean' }>, input: ExactTensor, shape: readonly number[]): ExactTensor {
  const data = new Float64Array(sizeOf(shape));
  for (let i = 0; i < input.data.length; i++) {
    let [rest, target, stride] = [i, 0, 1];
    for (let axis = input.shape.length - 1; axis >= 0; axis--) {
      const dim = input.shape[axis] ?? 1;
      if (!op.axes.includes(axis)) {
        target += (rest % dim) * stride;
        stride *= dim;
      }
      rest = Math.floor(rest / dim);
    }
    data[target] = (data[target] ?? 0) + (input.data[i] ?? 0);
  }
  const count = input.data.length / data.length;
  return { shape, data: data.map((sum) => sum / count) };
}

function upsampled(op: Extract<Op, { type: 'upsample' }>, input: ExactTensor, shape: readonly number[]): ExactTensor {
  const [, , height = 1, width = 1] = input.shape;
  if (op.mode === 'nearest')
    return gathered(input, shape, ([n = 0, c = 0, y = 0, x = 0]) => [
      n,
      c,
      Math.floor(y / op.factor),
      Math.floor(x / op.factor),
    ]);
  const clamped = (at: number, size: number): number => Math.min(Math.max(at, 0), size - 1);
  const blend = (axis: 2 | 3, size: number, tensor: ExactTensor, to: readonly number[]): ExactTensor => {
    const centre = (at: number): number => (at + 0.5) / op.factor - 0.5;
    const side = (offset: 0 | 1): Float64Array =>
      gathered(tensor, to, (at) =>
        at.map((index, i) => (i === axis ? clamped(Math.floor(centre(index)) + offset, size) : index)),
      ).data;
    const [low, high, inner] = [side(0), side(1), sizeOf(to.slice(axis + 1))];
    const data = low.map((value, i) => {
      const position = centre(Math.floor(i / inner) % (to[axis] ?? 1));
      return value + ((high[i] ?? 0) - value) * (position - Math.floor(position));
    });
    return { shape: to, data };
  };
  const [n = 1, c = 1, outHeight = 1] = shape;
  return blend(3, width, blend(2, height, input, [n, c, outHeight, width]), shape);
}
