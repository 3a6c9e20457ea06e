import type { LoadableNetwork } from '../engines/inference-engine.ts';
import type { Graph, TensorSpec } from '../graph/graph.ts';
import { importOnnxGraph } from '../importers/onnx-graph.ts';
import { prepareOnnx } from '../onnx/prepare-onnx.ts';
import { assertSpecs } from './assert-specs.ts';

/** A network that comes as a finished ONNX file: what goes in and out of it. */
export interface ReadyNetwork {
  /** Name of its entry in `weights/manifest.json`. */
  readonly name: string;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

/**
 * A ready ONNX file as engines take it: ONNX Runtime runs it as it is, others a description that is read out of it.
 * @param bytes of the file, checked against its SHA-256.
 */
export function readyOnnx(network: ReadyNetwork, bytes: Uint8Array): LoadableNetwork {
  return {
    ...network,
    onnx: async () => prepareOnnx(network.name, bytes, network.inputs, network.outputs),
    graph: async (): Promise<Graph> => {
      const graph = importOnnxGraph(network.name, bytes, network.inputs, network.outputs);
      assertSpecs('outputs', graph.outputs, network.outputs);
      return graph;
    },
  };
}
