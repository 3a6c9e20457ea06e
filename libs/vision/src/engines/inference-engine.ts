import type { Graph, TensorSpec } from '../graph/graph.ts';

/** Values and their shape, row-major. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A network that an engine can load in the form that it likes best. */
export interface LoadableNetwork {
  readonly name: string;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** Its description over its weights. */
  graph(): Promise<Graph>;
  /** The bytes of an ONNX file. */
  onnx(): Promise<Uint8Array>;
}

/** A network that is loaded and can be run. */
export interface NetworkSession {
  /**
   * Runs the network once.
   * @param inputs one tensor for each of the network's inputs, in its order.
   * @returns one tensor for each of its outputs, in its order, owned by the caller.
   * @throws LatchkeyError `shape-mismatch` for an input of another shape, `not-a-number` when an output is not finite.
   */
  run(inputs: readonly Tensor[]): Promise<readonly Tensor[]>;
  /** Gives its memory back; may be called twice. */
  dispose(): Promise<void>;
}

/** Engines that Latchkey knows. */
export const engineNames = ['onnx', 'tensorflow', 'wasm'] as const;

/** Name of an engine. */
export type EngineName = (typeof engineNames)[number];

/** What a user asks for: an engine, or the fastest that loads. */
export type EngineChoice = EngineName | 'auto';

/** Runs networks. Owns every session that it loads. */
export interface InferenceEngine {
  readonly name: EngineName;
  /** Engine, version and where it computes, for logs. */
  readonly description: string;
  /** @throws LatchkeyError `model-missing` or `model-corrupt`. */
  load(network: LoadableNetwork): Promise<NetworkSession>;
  /**
   * Tensors that its runtime holds now, weights of loaded networks among them; 0 when it keeps none by name. For checks that
   * nothing is left behind.
   */
  tensorCount(): number;
  /** Disposes of all its sessions; may be called twice. */
  dispose(): Promise<void>;
}
