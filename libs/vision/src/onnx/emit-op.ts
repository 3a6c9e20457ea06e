import type { Constant, GraphNode, Padding, Pair, Window } from '../graph/graph.ts';
import type { IntegerConstant, OnnxAttribute, OnnxNode } from './onnx-model.ts';

/** ONNX nodes and weights that one graph node becomes. */
export interface Emitted {
  readonly nodes: readonly OnnxNode[];
  readonly weights: readonly (Constant | IntegerConstant)[];
}

const integers = (values: readonly number[]): bigint[] => values.map((value) => BigInt(value));

function windowAttributes(size: Pair, strides: Pair, padding: Padding): Record<string, OnnxAttribute> {
  return { kernel_shape: integers(size), strides: integers(strides), pads: integers(padding) };
}

function single(
  node: GraphNode,
  opType: string,
  attributes: Record<string, OnnxAttribute> = {},
  weights: readonly (Constant | IntegerConstant)[] = [],
): Emitted {
  const inputs = [...node.inputs, ...weights.map((item) => item.name)];
  return { nodes: [{ opType, inputs, output: node.id, attributes }], weights };
}

function pool(node: GraphNode, op: Window, opType: string, extra: Record<string, OnnxAttribute> = {}): Emitted {
  return single(node, opType, { ...windowAttributes(op.size, op.strides, op.padding), ...extra });
}

/** A per-channel constant shaped so that it is repeated over what follows the channel axis. */
function perChannel(id: string, constant: Constant, rank: number): Constant {
  const shape = [constant.data.length, ...new Array<number>(Math.max(rank - 2, 0)).fill(1)];
  return { name: `${id}/${constant.name}`, shape, data: constant.data };
}

function owned(id: string, constant: Constant): Constant {
  return { ...constant, name: `${id}/${constant.name}` };
}

function affine(node: GraphNode, scale: Constant, shift: Constant): Emitted {
  const factor = perChannel(node.id, { ...scale, name: 'scale' }, node.shape.length);
  const offset = perChannel(node.id, { ...shift, name: 'shift' }, node.shape.length);
  const scaled = `${node.id}/scaled`;
  return {
    nodes: [
      { opType: 'Mul', inputs: [node.inputs[0] ?? '', factor.name], output: scaled },
      { opType: 'Add', inputs: [scaled, offset.name], output: node.id },
    ],
    weights: [factor, offset],
  };
}

/** Translates one node to ONNX operators (https://onnx.ai/onnx/operators, opset 17). */
export function emitOp(node: GraphNode): Emitted {
  const { id, op } = node;
  const list = (name: string, values: readonly number[]): IntegerConstant => ({
    name: `${id}/${name}`,
    integers: values,
  });
  switch (op.type) {
    case 'conv': {
      const size: Pair = [op.weights.shape[2] ?? 1, op.weights.shape[3] ?? 1];
      const attributes = {
        ...windowAttributes(size, op.strides, op.padding),
        dilations: integers(op.dilations),
        group: BigInt(op.groups),
      };
      const weights = op.bias ? [owned(id, op.weights), owned(id, op.bias)] : [owned(id, op.weights)];
      return single(node, 'Conv', attributes, weights);
    }
    case 'dense':
      return single(node, 'Gemm', {}, op.bias ? [owned(id, op.weights), owned(id, op.bias)] : [owned(id, op.weights)]);
    case 'affine':
      return affine(node, op.scale, op.shift);
    case 'constant': {
      const value = owned(id, op.value);
      return { nodes: [{ opType: 'Identity', inputs: [value.name], output: id }], weights: [value] };
    }
    case 'relu':
      return single(node, 'Relu');
    case 'sigmoid':
      return single(node, 'Sigmoid');
    case 'tanh':
      return single(node, 'Tanh');
    case 'leaky-relu':
      return single(node, 'LeakyRelu', { alpha: op.alpha });
    case 'prelu':
      return single(node, 'PRelu', {}, [perChannel(id, op.slope, node.shape.length)]);
    case 'clip': {
      const bound = (name: string, value: number): Constant => ({
        name: `${id}/${name}`,
        shape: [],
        data: Float32Array.of(value),
      });
      return single(node, 'Clip', {}, [bound('min', op.min), bound('max', op.max)]);
    }
    case 'softmax':
      return single(node, 'Softmax', { axis: BigInt(op.axis) });
    case 'max-pool':
      return pool(node, op, 'MaxPool');
    case 'average-pool':
      return pool(node, op, 'AveragePool', { count_include_pad: 0n });
    case 'l2-pool':
      return pool(node, op, 'LpPool', { p: 2n });
    case 'lrn':
      return single(node, 'LRN', { size: BigInt(op.size), alpha: op.alpha, beta: op.beta, bias: op.k });
    case 'mean':
      return single(node, 'ReduceMean', { axes: integers(op.axes), keepdims: op.keepDims ? 1n : 0n });
    case 'pad':
      return single(node, 'Pad', { mode: 'constant' }, [list('pads', [...op.before, ...op.after])]);
    case 'reshape':
      // 0 takes over the input's dimension, and the batch is the first one on both sides.
      return single(node, 'Reshape', {}, [
        list(
          'shape',
          op.shape.map((dim) => (dim === 'batch' ? 0 : dim)),
        ),
      ]);
    case 'transpose':
      return single(node, 'Transpose', { perm: integers(op.order) });
    case 'concat':
      return single(node, 'Concat', { axis: BigInt(op.axis) });
    case 'add':
      return single(node, 'Add');
    case 'sub':
      return single(node, 'Sub');
    case 'mul':
      return single(node, 'Mul');
    case 'div':
      return single(node, 'Div');
    case 'l2-normalise':
      return single(node, 'LpNormalization', { axis: BigInt(op.axis), p: 2n });
    case 'upsample': {
      const scales: Constant = { name: `${id}/scales`, shape: [4], data: Float32Array.of(1, 1, op.factor, op.factor) };
      const roi: Constant = { name: `${id}/roi`, shape: [0], data: new Float32Array(0) };
      const attributes: Record<string, OnnxAttribute> =
        op.mode === 'nearest'
          ? { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' }
          : { mode: 'linear', coordinate_transformation_mode: 'half_pixel' };
      return single(node, 'Resize', attributes, [roi, scales]);
    }
  }
}
