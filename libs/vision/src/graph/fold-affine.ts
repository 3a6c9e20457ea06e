import { LatchkeyError } from '@latchkey/domain';
import { allFinite } from './all-finite.ts';
import type { Constant, Graph, GraphNode, Op } from './graph.ts';

type Conv = Extract<Op, { type: 'conv' }>;
type Affine = Extract<Op, { type: 'affine' }>;

function folded(conv: Conv, affine: Affine): Conv {
  const out = conv.weights.shape[0] ?? 0;
  const { data } = conv.weights;
  const perFilter = data.length / out;
  const weights = new Float32Array(data.length);
  for (let channel = 0; channel < out; channel++) {
    const scale = affine.scale.data[channel] ?? 0;
    const end = (channel + 1) * perFilter;
    for (let i = channel * perFilter; i < end; i++) weights[i] = (data[i] as number) * scale;
  }
  const bias = affine.shift.data.map(
    (shift, channel) => (conv.bias?.data[channel] ?? 0) * (affine.scale.data[channel] ?? 0) + shift,
  );
  if (!(allFinite(weights) && allFinite(bias))) {
    throw new LatchkeyError('model-corrupt', `${conv.weights.name} times its batch norm is beyond single precision.`);
  }
  const biasConstant: Constant = { name: `${conv.weights.name}/folded_bias`, shape: [out], data: bias };
  return { ...conv, weights: { ...conv.weights, data: weights }, bias: biasConstant };
}

/**
 * The same network with every affine step (batch norm) that follows a convolution of its own multiplied into that
 * convolution's weights. A convolution whose result is used elsewhere too, or is an output, stays as it is.
 */
export function foldAffine(graph: Graph): Graph {
  const uses = new Map<string, number>();
  const count = (id: string): void => void uses.set(id, (uses.get(id) ?? 0) + 1);
  for (const node of graph.nodes) node.inputs.forEach(count);
  for (const output of graph.outputs) count(output.name);

  const nodes: GraphNode[] = [];
  const positions = new Map<string, number>();
  for (const node of graph.nodes) {
    const source = node.inputs[0] ?? '';
    const position = positions.get(source);
    const before = position === undefined ? undefined : nodes[position];
    if (node.op.type === 'affine' && before?.op.type === 'conv' && position !== undefined && uses.get(source) === 1) {
      nodes[position] = { ...before, id: node.id, op: folded(before.op, node.op) };
      positions.set(node.id, position);
    } else {
      positions.set(node.id, nodes.push(node) - 1);
    }
  }
  return { ...graph, nodes };
}
