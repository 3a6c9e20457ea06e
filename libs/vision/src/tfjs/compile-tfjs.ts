import { LatchkeyError } from '@latchkey/domain';
import type * as tfjs from '@tensorflow/tfjs-core';
import { foldAffine } from '../graph/fold-affine.ts';
import type { Graph } from '../graph/graph.ts';
import type { Shape } from '../graph/shape.ts';
import { emitTfjs, type TfStep } from './emit-tfjs.ts';
import type { Activation } from './emit-window.ts';
import { TfConstants } from './tf-constants.ts';
import { channelsFirst, first, type TfRuntime, type TfValue } from './tfjs-value.ts';

/** A network whose weights lie in the memory of a TensorFlow.js backend. */
export interface TfProgram {
  /**
   * Computes the outputs in the network's order. Everything else that is made on the way is disposed of.
   * @param inputs in the network's order and in the order of axes that its description has; they stay the caller's.
   * @returns tensors that the caller disposes of.
   */
  run(inputs: readonly tfjs.Tensor[]): tfjs.Tensor[];
  /** Disposes of the weights; may be called twice. */
  dispose(): void;
}

interface Step {
  readonly id: string;
  readonly inputs: readonly string[];
  readonly compute: TfStep;
  /** Values that nobody needs after this step. */
  readonly finished: readonly string[];
}

/**
 * Compiles a network for inference to operations of TensorFlow.js: batch norms are folded, rectifiers are computed by the
 * kernel of the convolution or dense layer before them, and values are disposed of after their last use.
 */
export function compileTfjs(tf: TfRuntime, graph: Graph): TfProgram {
  const { graph: folded, rectified } = fuseRectifiers(foldAffine(graph));
  const constants = new TfConstants(tf);
  let steps: readonly Step[];
  try {
    steps = planSteps(tf, constants, folded, rectified);
  } catch (cause) {
    constants.dispose();
    throw cause;
  }
  return {
    run: (inputs) => runSteps(tf, folded, steps, inputs),
    dispose: () => constants.dispose(),
  };
}

/** Takes out every rectifier that alone uses the result of a convolution or dense layer, and names those layers. */
function fuseRectifiers(graph: Graph): { graph: Graph; rectified: ReadonlySet<string> } {
  const uses = new Map<string, number>();
  const count = (id: string): void => void uses.set(id, (uses.get(id) ?? 0) + 1);
  for (const node of graph.nodes) node.inputs.forEach(count);
  for (const output of graph.outputs) count(output.name);

  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  const rectified = new Set<string>();
  const replaced = new Set<string>();
  for (const node of graph.nodes) {
    const source = byId.get(node.inputs[0] ?? '');
    if (node.op.type !== 'relu' || !source || uses.get(source.id) !== 1) continue;
    if (source.op.type !== 'conv' && source.op.type !== 'dense') continue;
    rectified.add(node.id);
    replaced.add(source.id);
  }
  const nodes = graph.nodes.flatMap((node) => {
    if (replaced.has(node.id)) return [];
    const source = byId.get(node.inputs[0] ?? '');
    return rectified.has(node.id) && source ? [{ ...source, id: node.id }] : [node];
  });
  return { graph: { ...graph, nodes }, rectified };
}

function planSteps(tf: TfRuntime, constants: TfConstants, graph: Graph, rectified: ReadonlySet<string>): Step[] {
  const shapes = new Map<string, Shape>(graph.inputs.map(({ name, shape }) => [name, shape]));
  for (const node of graph.nodes) shapes.set(node.id, node.shape);
  const lastUse = new Map<string, number>();
  graph.nodes.forEach((node, i) => {
    lastUse.set(node.id, i);
    for (const input of node.inputs) lastUse.set(input, i);
  });
  for (const output of graph.outputs) lastUse.delete(output.name);
  for (const input of graph.inputs) lastUse.delete(input.name);
  return graph.nodes.map((node, i) => {
    const activation: Activation = rectified.has(node.id) ? 'relu' : 'linear';
    const inputShapes = node.inputs.map((input) => shapes.get(input) ?? []);
    return {
      id: node.id,
      inputs: node.inputs,
      compute: emitTfjs(tf, constants, node, inputShapes, activation),
      finished: [...new Set([node.id, ...node.inputs])].filter((id) => lastUse.get(id) === i),
    };
  });
}

function runSteps(tf: TfRuntime, graph: Graph, steps: readonly Step[], inputs: readonly tfjs.Tensor[]): tfjs.Tensor[] {
  return tf.tidy(() => {
    const values = new Map<string, TfValue>();
    graph.inputs.forEach((spec, i) => {
      const tensor = inputs[i];
      if (tensor) values.set(spec.name, first(tensor));
    });
    for (const step of steps) {
      const known = step.inputs.map((id) => computed(values, id));
      const channelsLast: boolean[] = [];
      const tensor = tf.tidy(() => {
        const result = step.compute(known);
        channelsLast.push(result.channelsLast);
        return result.tensor;
      });
      values.set(step.id, { tensor, channelsLast: channelsLast[0] ?? false });
      for (const id of step.finished) values.get(id)?.tensor.dispose();
    }
    return graph.outputs.map((output) => {
      const value = computed(values, output.name);
      // An output that is an input, or is named twice, must not be the same tensor.
      return tf.clone(channelsFirst(tf, value));
    });
  });
}

function computed(values: ReadonlyMap<string, TfValue>, id: string): TfValue {
  const value = values.get(id);
  if (!value) throw new LatchkeyError('shape-mismatch', `A network was run without its input "${id}".`);
  return value;
}
