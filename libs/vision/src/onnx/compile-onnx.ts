import { foldAffine } from '../graph/fold-affine.ts';
import type { Constant, Graph } from '../graph/graph.ts';
import { emitOp } from './emit-op.ts';
import { encodeOnnxModel, type IntegerConstant, type OnnxNode } from './onnx-model.ts';

/** Raised whenever the bytes for an unchanged graph change: part of every cache key. */
export const ONNX_COMPILER_VERSION = 1;

/** Compiles a network for inference to the bytes of an ONNX file; batch norms are folded. */
export function compileOnnx(graph: Graph): Uint8Array {
  const folded = foldAffine(graph);
  const nodes: OnnxNode[] = [];
  const weights: (Constant | IntegerConstant)[] = [];
  for (const node of folded.nodes) {
    const emitted = emitOp(node);
    nodes.push(...emitted.nodes);
    weights.push(...emitted.weights);
  }
  return encodeOnnxModel({ name: graph.name, nodes, weights, inputs: folded.inputs, outputs: folded.outputs });
}
