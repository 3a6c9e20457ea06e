import { LatchkeyError } from '@latchkey/domain';
import type { Constant, Op, Padding, Pair } from '../graph/graph.ts';
import type { GraphBuilder, Value } from '../graph/graph-builder.ts';
import { samePadding } from '../graph/same-padding.ts';
import { type Dim, fixedDim } from '../graph/shape.ts';
import { depthwiseFromTensorFlow, filtersFromTensorFlow } from './filter-layout.ts';
import { TfjsAttributes, type TfjsNode } from './tfjs-attributes.ts';

/** A tensor of the model: weights, or something computed. */
export type TfjsTensor =
  | { readonly kind: 'constant'; readonly constant: Constant }
  | { readonly kind: 'value'; readonly value: Value };

/** Axes of NHWC in our NCHW order. */
const CHANNELS_FIRST = [0, 3, 1, 2] as const;
const CHANNELS_LAST = [0, 2, 3, 1] as const;

const unary: Readonly<Record<string, Op>> = {
  Relu: { type: 'relu' },
  Relu6: { type: 'clip', min: 0, max: 6 },
  Sigmoid: { type: 'sigmoid' },
  Tanh: { type: 'tanh' },
};

const binary: Readonly<Record<string, 'add' | 'sub' | 'mul' | 'div'>> = {
  Add: 'add',
  AddV2: 'add',
  BiasAdd: 'add',
  Sub: 'sub',
  Mul: 'mul',
  RealDiv: 'div',
};

/** Translates the operations of a tfjs graph model, one node after another. */
export class TfjsTranslator {
  readonly #builder: GraphBuilder;

  constructor(builder: GraphBuilder) {
    this.#builder = builder;
  }

  /** @throws LatchkeyError `model-corrupt` for an operation or attribute that is not understood. */
  translate(node: TfjsNode, inputs: readonly TfjsTensor[]): TfjsTensor {
    const attributes = new TfjsAttributes(node);
    const input = (): Value => this.#value(node, inputs[0]);
    const done = (op: Op, ...values: Value[]): TfjsTensor => ({
      kind: 'value',
      value: this.#builder.add(op, values, node.name),
    });
    if (attributes.text('data_format', 'NHWC') !== 'NHWC') throw refuse(node, 'a layout other than NHWC');

    const simple = unary[node.op];
    if (simple) return done(simple, input());
    const arithmetic = binary[node.op];
    if (arithmetic) return this.#arithmetic(node, arithmetic, inputs);
    switch (node.op) {
      case 'Placeholder':
        return this.#placeholder(node, attributes);
      case 'Identity':
      case 'NoOp':
        // A node of its own: the name may be an output.
        return done({ type: 'reshape', shape: input().shape }, input());
      case 'Conv2D':
      case '_FusedConv2D':
        return this.#convolution(node, attributes, inputs, filtersFromTensorFlow(constant(node, inputs[1])), 1);
      case 'DepthwiseConv2dNative':
      case 'FusedDepthwiseConv2dNative': {
        const groups = constant(node, inputs[1]).shape[2] ?? 1;
        return this.#convolution(node, attributes, inputs, depthwiseFromTensorFlow(constant(node, inputs[1])), groups);
      }
      case 'MatMul':
      case '_FusedMatMul':
        return this.#dense(node, attributes, inputs);
      case 'Prelu': {
        const slope = constant(node, inputs[1]);
        const channels = slope.shape.at(-1) ?? 1;
        if (slope.data.length !== channels) throw refuse(node, 'slopes that are not one per channel');
        return done({ type: 'prelu', slope: { ...slope, shape: [channels] } }, input());
      }
      case 'MaxPool':
      case 'AvgPool': {
        const size = attributes.spatial('ksize');
        const strides = attributes.spatial('strides');
        const padding = this.#padding(node, attributes, input(), size, strides, [1, 1]);
        return done({ type: node.op === 'MaxPool' ? 'max-pool' : 'average-pool', size, strides, padding }, input());
      }
      case 'Pad': {
        const pairs = constant(node, inputs[1]).data;
        const order = input().shape.length === 4 ? CHANNELS_FIRST : input().shape.map((_, i) => i);
        const side = (offset: 0 | 1): number[] => order.map((axis) => pairs[axis * 2 + offset] ?? 0);
        return done({ type: 'pad', before: side(0), after: side(1) }, input());
      }
      case 'Reshape':
        return this.#reshape(node, input(), constant(node, inputs[1]));
      case 'Softmax':
        return done({ type: 'softmax', axis: input().shape.length === 4 ? 1 : input().shape.length - 1 }, input());
      case 'Mean': {
        const axes = [...constant(node, inputs[1]).data].map((axis) => this.#axis(input(), axis));
        const keepDims = attributes.flag('keep_dims');
        if (keepDims || (axes.includes(2) && axes.includes(3))) return done({ type: 'mean', axes, keepDims }, input());
        throw refuse(node, 'a mean that leaves a picture without a channel order');
      }
      case 'ConcatV2': {
        const values = inputs.slice(0, -1).map((tensor) => this.#value(node, tensor));
        const axis = constant(node, inputs.at(-1)).data[0] ?? 0;
        return done({ type: 'concat', axis: this.#axis(values[0] ?? input(), axis) }, ...values);
      }
      default:
        throw refuse(node, `the operation ${node.op}`);
    }
  }

  #placeholder(node: TfjsNode, attributes: TfjsAttributes): TfjsTensor {
    const [, ...dims] = attributes.shape('shape');
    if (dims.some((dim) => dim < 1)) throw refuse(node, 'an input without a fixed size');
    const order = dims.length === 3 ? [dims[2] ?? 0, dims[0] ?? 0, dims[1] ?? 0] : dims;
    return { kind: 'value', value: this.#builder.input(node.name, ['batch', ...order]) };
  }

  #convolution(
    node: TfjsNode,
    attributes: TfjsAttributes,
    inputs: readonly TfjsTensor[],
    weights: Constant,
    groups: number,
  ): TfjsTensor {
    const input = this.#value(node, inputs[0]);
    const size: Pair = [weights.shape[2] ?? 1, weights.shape[3] ?? 1];
    const strides = attributes.spatial('strides');
    const dilations = attributes.spatial('dilations', [1, 1]);
    const padding = this.#padding(node, attributes, input, size, strides, dilations);
    const { bias, activation } = fusedParts(node, attributes, inputs);
    const op: Op = { type: 'conv', weights, bias, strides, padding, dilations, groups };
    return this.#activated(
      node,
      this.#builder.add(op, [input], activation ? `${node.name}/linear` : node.name),
      activation,
    );
  }

  #dense(node: TfjsNode, attributes: TfjsAttributes, inputs: readonly TfjsTensor[]): TfjsTensor {
    if (attributes.flag('transpose_a') || attributes.flag('transpose_b')) throw refuse(node, 'a transposed product');
    const input = this.#value(node, inputs[0]);
    const { bias, activation } = fusedParts(node, attributes, inputs);
    const op: Op = { type: 'dense', weights: constant(node, inputs[1]), bias };
    return this.#activated(
      node,
      this.#builder.add(op, [input], activation ? `${node.name}/linear` : node.name),
      activation,
    );
  }

  #activated(node: TfjsNode, value: Value, activation: Op | null): TfjsTensor {
    return { kind: 'value', value: activation ? this.#builder.add(activation, [value], node.name) : value };
  }

  #arithmetic(node: TfjsNode, type: 'add' | 'sub' | 'mul' | 'div', inputs: readonly TfjsTensor[]): TfjsTensor {
    const rank = Math.max(...inputs.map((tensor) => (tensor.kind === 'value' ? tensor.value.shape.length : 0)));
    const values = inputs.map((tensor) =>
      tensor.kind === 'value' ? tensor.value : this.#constantValue(node, tensor.constant, rank),
    );
    return { kind: 'value', value: this.#builder.add({ type }, values, node.name) };
  }

  /** Weights that take part in arithmetic; a vector beside a picture is one value per channel. */
  #constantValue(node: TfjsNode, weights: Constant, rank: number): Value {
    if (weights.shape.length > 1) throw refuse(node, 'arithmetic with weights of more than one dimension');
    const shape = rank === 4 ? [weights.data.length, 1, 1] : [weights.data.length];
    return this.#builder.add({ type: 'constant', value: { ...weights, shape } }, [], `${node.name}/${weights.name}`);
  }

  #reshape(node: TfjsNode, input: Value, target: Constant): TfjsTensor {
    const [first, ...rest] = target.data;
    if (first !== 1 && first !== -1) throw refuse(node, 'a change of the batch dimension');
    const known = rest.filter((dim) => dim >= 0).reduce((product, dim) => product * dim, 1);
    const total = input.shape.slice(1).reduce<number>((product, _, i) => product * fixedDim(input.shape, i + 1), 1);
    const shape: Dim[] = ['batch', ...rest.map((dim) => (dim < 0 ? total / known : dim))];
    if (shape.length === 4) throw refuse(node, 'a reshape to a picture');
    const flatten = input.shape.length === 4;
    const ordered = flatten
      ? this.#builder.add({ type: 'transpose', order: [...CHANNELS_LAST] }, [input], `${node.name}/nhwc`)
      : input;
    return { kind: 'value', value: this.#builder.add({ type: 'reshape', shape }, [ordered], node.name) };
  }

  #padding(
    node: TfjsNode,
    attributes: TfjsAttributes,
    input: Value,
    size: Pair,
    strides: Pair,
    dilations: Pair,
  ): Padding {
    const padding = attributes.text('padding', 'VALID');
    if (padding === 'VALID') return [0, 0, 0, 0];
    if (padding !== 'SAME') throw refuse(node, `padding ${padding}`);
    return samePadding([fixedDim(input.shape, 2), fixedDim(input.shape, 3)], size, strides, dilations);
  }

  #axis(value: Value, axis: number): number {
    const rank = value.shape.length;
    const positive = axis < 0 ? axis + rank : axis;
    return rank === 4 ? (CHANNELS_LAST[positive] ?? 0) : positive;
  }

  #value(node: TfjsNode, tensor: TfjsTensor | undefined): Value {
    if (tensor?.kind !== 'value') throw refuse(node, 'weights where a computed value is expected');
    return tensor.value;
  }
}

function refuse(node: TfjsNode, what: string): LatchkeyError {
  return new LatchkeyError(
    'model-corrupt',
    `Node "${node.name}" (${node.op}) has ${what}; this importer cannot read it.`,
  );
}

function constant(node: TfjsNode, tensor: TfjsTensor | undefined): Constant {
  if (tensor?.kind !== 'constant') throw refuse(node, 'a computed value where weights are expected');
  return tensor.constant;
}

function fusedParts(
  node: TfjsNode,
  attributes: TfjsAttributes,
  inputs: readonly TfjsTensor[],
): { bias: Constant | null; activation: Op | null } {
  let bias: Constant | null = null;
  let activation: Op | null = null;
  for (const fused of attributes.texts('fused_ops')) {
    if (fused === 'BiasAdd') bias = constant(node, inputs[2]);
    else if (fused === 'Prelu') activation = { type: 'prelu', slope: constant(node, inputs[3]) };
    else if (fused === 'LeakyRelu')
      activation = { type: 'leaky-relu', alpha: attributes.number('leakyrelu_alpha', 0.2) };
    else {
      activation = unary[fused] ?? null;
      if (!activation) throw refuse(node, `the fused operation ${fused}`);
    }
  }
  return { bias, activation };
}
