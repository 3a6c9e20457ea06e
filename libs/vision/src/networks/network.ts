import type { Graph, TensorSpec } from '../graph/graph.ts';

/** A network that Latchkey can run: where its weights are, what goes in and out, and how it is described. */
export interface Network {
  /** Name of its entry in `weights/manifest.json`. */
  readonly name: string;
  /** Raised whenever {@link build} describes it otherwise: part of the cache key. */
  readonly revision: number;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /**
   * Describes the network over the bytes of the model's files, in the manifest's order.
   * @throws LatchkeyError `model-corrupt` when the files are not those of this network.
   */
  build(files: readonly Uint8Array[]): Graph;
}
