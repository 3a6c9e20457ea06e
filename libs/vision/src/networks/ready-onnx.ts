import { LatchkeyError } from '@latchkey/domain';
import type { LoadableNetwork } from '../engines/inference-engine.ts';
import type { TensorSpec } from '../graph/graph.ts';
import { prepareOnnx } from '../onnx/prepare-onnx.ts';

/** A network that comes as a finished ONNX file: what goes in and out of it. */
export interface ReadyNetwork {
  /** Name of its entry in `weights/manifest.json`. */
  readonly name: string;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

/**
 * A ready ONNX file as engines take it. Only ONNX Runtime can: it has no description that another could compile.
 * @param bytes of the file, checked against its SHA-256.
 */
export function readyOnnx(network: ReadyNetwork, bytes: Uint8Array): LoadableNetwork {
  return {
    ...network,
    onnx: async () => prepareOnnx(network.name, bytes, network.inputs, network.outputs),
    graph: async () => {
      throw new LatchkeyError(
        'engine-unavailable',
        `${network.name} is an ONNX file, which only ONNX Runtime runs; use LATCHKEY_ENGINE=onnx or another model.`,
      );
    },
  };
}
