import type { Constant, Op, Padding, Pair } from '../graph/graph.ts';
import type { GraphBuilder, Value } from '../graph/graph-builder.ts';
import { type Dim, fixedDim, sizeOf } from '../graph/shape.ts';
import type { OnnxNode } from './onnx-node.ts';

/** A tensor of the model: weights, or something computed. */
export type OnnxTensor =
  | { readonly kind: 'constant'; readonly constant: Constant }
  | { readonly kind: 'value'; readonly value: Value };

const unary: Readonly<Record<string, Op>> = {
  Relu: { type: 'relu' },
  Sigmoid: { type: 'sigmoid' },
  Tanh: { type: 'tanh' },
};

const binary: Readonly<Record<string, 'add' | 'sub' | 'mul' | 'div'>> = {
  Add: 'add',
  Sub: 'sub',
  Mul: 'mul',
  Div: 'div',
};

/** `TensorProto.DataType` of single precision. */
const FLOAT = 1;

/** Translates the operators of an ONNX graph (https://onnx.ai/onnx/operators), one node after another. */
export class OnnxTranslator {
  readonly #builder: GraphBuilder;

  constructor(builder: GraphBuilder) {
    this.#builder = builder;
  }

  /**
   * @param inputs of the node in order; undefined for one that is left out.
   * @throws LatchkeyError `model-corrupt` for an operator or attribute that is not understood.
   */
  translate(node: OnnxNode, inputs: readonly (OnnxTensor | undefined)[]): OnnxTensor {
    const input = (): Value => computedOf(node, inputs[0]);
    const [id = ''] = node.outputs;
    const done = (op: Op, ...values: Value[]): OnnxTensor => ({
      kind: 'value',
      value: this.#builder.add(op, values, id),
    });
    const simple = unary[node.op];
    if (simple) return done(simple, input());
    const arithmetic = binary[node.op];
    if (arithmetic) return done({ type: arithmetic }, this.#operand(node, inputs, 0), this.#operand(node, inputs, 1));
    switch (node.op) {
      case 'Constant': {
        const constant = node.tensor('value');
        if (!constant) throw node.refuse('no tensor');
        return { kind: 'constant', constant: { ...constant, name: id } };
      }
      case 'Cast':
      case 'Identity':
      case 'Dropout':
        // At inference Dropout lets everything through; everything is of single precision already.
        if (node.integer('to', FLOAT) !== FLOAT) throw node.refuse('a type other than single precision');
        return inputs[0]?.kind === 'constant' ? inputs[0] : done({ type: 'reshape', shape: input().shape }, input());
      case 'Conv':
        return done(convolution(node, inputs), input());
      case 'BatchNormalization':
        return this.#batchNorm(node, inputs, id);
      case 'PRelu': {
        const slope = constantOf(node, inputs[1]);
        const channels = fixedDim(input().shape, 1);
        if (slope.data.length !== channels) throw node.refuse('slopes that are not one per channel');
        return done({ type: 'prelu', slope: { ...slope, shape: [channels] } }, input());
      }
      case 'Clip': {
        const bound = (index: number, name: string, absent: number): number =>
          inputs[index] ? (constantOf(node, inputs[index]).data[0] ?? absent) : node.float(name, absent);
        return done({ type: 'clip', min: bound(1, 'min', -3.4e38), max: bound(2, 'max', 3.4e38) }, input());
      }
      case 'MaxPool':
      case 'AveragePool':
        return done(pool(node, node.op === 'MaxPool' ? 'max-pool' : 'average-pool'), input());
      case 'Resize':
        return done({ type: 'upsample', factor: factorOf(node, inputs), mode: 'nearest' }, input());
      case 'Transpose':
        return done({ type: 'transpose', order: node.integers('perm', []) }, input());
      case 'Reshape':
        return done({ type: 'reshape', shape: target(node, input(), [...constantOf(node, inputs[1]).data]) }, input());
      case 'Flatten':
        if (node.integer('axis', 1) !== 1) throw node.refuse('an axis other than 1');
        return done({ type: 'reshape', shape: ['batch', sizeOf(input().shape.slice(1))] }, input());
      case 'Gemm':
        return done(dense(node, inputs), input());
      default:
        throw node.refuse('an operator that is not known');
    }
  }

  /** Weights that take part in arithmetic become a value of their own. */
  #operand(node: OnnxNode, inputs: readonly (OnnxTensor | undefined)[], index: number): Value {
    const tensor = inputs[index];
    if (tensor?.kind !== 'constant') return computedOf(node, tensor);
    const value = tensor.constant.shape.length > 0 ? tensor.constant : { ...tensor.constant, shape: [1] };
    return this.#builder.add({ type: 'constant', value }, [], `${node.outputs[0]}/${index}`);
  }

  #batchNorm(node: OnnxNode, inputs: readonly (OnnxTensor | undefined)[], id: string): OnnxTensor {
    const [gain, bias, mean, variance] = [1, 2, 3, 4].map((index) => constantOf(node, inputs[index]));
    if (!(gain && bias && mean && variance)) throw node.refuse('too few inputs');
    const norm = { gain, bias, mean, variance, epsilon: node.float('epsilon', 1e-5) };
    return { kind: 'value', value: this.#builder.batchNorm(computedOf(node, inputs[0]), norm, id) };
  }
}

function computedOf(node: OnnxNode, tensor: OnnxTensor | undefined): Value {
  if (tensor?.kind !== 'value') throw node.refuse('weights, or nothing, where a computed value is expected');
  return tensor.value;
}

function constantOf(node: OnnxNode, tensor: OnnxTensor | undefined): Constant {
  if (tensor?.kind !== 'constant') throw node.refuse('a computed value, or nothing, where weights are expected');
  return tensor.constant;
}

function convolution(node: OnnxNode, inputs: readonly (OnnxTensor | undefined)[]): Op {
  const weights = constantOf(node, inputs[1]);
  if (weights.shape.length !== 4) throw node.refuse(`weights of ${weights.shape.length} dimensions`);
  return {
    type: 'conv',
    weights,
    bias: inputs[2] ? constantOf(node, inputs[2]) : null,
    strides: pairOf(node, 'strides', [1, 1]),
    padding: paddingOf(node),
    dilations: pairOf(node, 'dilations', [1, 1]),
    groups: node.integer('group', 1),
  };
}

function pool(node: OnnxNode, type: 'max-pool' | 'average-pool'): Op {
  if (node.integer('ceil_mode', 0) !== 0) throw node.refuse('sizes that are rounded up');
  if (node.integers('dilations', [1, 1]).some((dilation) => dilation !== 1)) throw node.refuse('dilations');
  const padding = paddingOf(node);
  if (node.integer('count_include_pad', 0) !== 0 && padding.some((side) => side > 0)) {
    throw node.refuse('an average that counts padding');
  }
  return { type, size: pairOf(node, 'kernel_shape'), strides: pairOf(node, 'strides', [1, 1]), padding };
}

function dense(node: OnnxNode, inputs: readonly (OnnxTensor | undefined)[]): Op {
  if (node.integer('transA', 0) !== 0 || node.float('alpha', 1) !== 1 || node.float('beta', 1) !== 1) {
    throw node.refuse('a factor or a transposed input');
  }
  const weights = constantOf(node, inputs[1]);
  const bias = inputs[2] ? constantOf(node, inputs[2]) : null;
  if (node.integer('transB', 0) === 0) return { type: 'dense', weights, bias };
  const [out = 0, into = 0] = weights.shape;
  const data = new Float32Array(weights.data.length);
  for (let row = 0; row < out; row++) {
    for (let column = 0; column < into; column++) data[column * out + row] = weights.data[row * into + column] ?? 0;
  }
  return { type: 'dense', weights: { ...weights, shape: [into, out], data }, bias };
}

function factorOf(node: OnnxNode, inputs: readonly (OnnxTensor | undefined)[]): number {
  const exact =
    node.text('mode', 'nearest') === 'nearest' &&
    node.text('coordinate_transformation_mode', 'half_pixel') === 'asymmetric' &&
    node.text('nearest_mode', 'round_prefer_floor') === 'floor';
  if (!exact) throw node.refuse('another interpolation than that of the nearest pixel, rounded down');
  const [batch, channels, height = 0, width] = constantOf(node, inputs[2]).data;
  if (batch !== 1 || channels !== 1 || height !== width || !Number.isInteger(height)) {
    throw node.refuse('scales that are not one whole factor for height and width');
  }
  return height;
}

/** What a reshape asks for: −1 stands for what is left, 0 for the input's dimension, and the batch stays the first. */
function target(node: OnnxNode, input: Value, wanted: readonly number[]): Dim[] {
  const [first, ...rest] = wanted;
  if (first === undefined || first > 1 || node.integer('allowzero', 0) !== 0) throw node.refuse('another batch');
  const dims = rest.map((dim, i) => (dim === 0 ? fixedDim(input.shape, i + 1) : dim));
  const known = dims.filter((dim) => dim > 0).reduce((product, dim) => product * dim, 1);
  return ['batch', ...dims.map((dim) => (dim < 0 ? sizeOf(input.shape) / known : dim))];
}

function paddingOf(node: OnnxNode): Padding {
  if (node.text('auto_pad', 'NOTSET') !== 'NOTSET') throw node.refuse('padding that is worked out by itself');
  const [top, left, bottom, right] = node.integers('pads', [0, 0, 0, 0]);
  if (top === undefined || left === undefined || bottom === undefined || right === undefined) {
    throw node.refuse('padding of another kind than a picture has');
  }
  return [top, left, bottom, right];
}

function pairOf(node: OnnxNode, name: string, absent: readonly number[] = []): Pair {
  const [height, width, ...more] = node.integers(name, absent);
  if (height === undefined || width === undefined || more.length > 0) throw node.refuse(`no pair "${name}"`);
  return [height, width];
}
