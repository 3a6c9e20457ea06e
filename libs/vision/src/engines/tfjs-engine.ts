import type * as tfjs from '@tensorflow/tfjs-core';
import { compileTfjs, type TfProgram } from '../tfjs/compile-tfjs.ts';
import type { TfRuntime } from '../tfjs/tfjs-value.ts';
import type { InferenceEngine, LoadableNetwork, NetworkSession, Tensor } from './inference-engine.ts';
import { OwnedSessions } from './owned-sessions.ts';

/** What a TensorFlow.js engine computes with. */
export interface TfjsBackend {
  readonly name: 'tensorflow' | 'wasm';
  readonly description: string;
  readonly tf: TfRuntime;
  /** The backend's name within TensorFlow.js; it is ready. */
  readonly backend: string;
}

/** One backend of TensorFlow.js. A run is computed in one go on the thread that asks for it. */
export class TfjsEngine implements InferenceEngine {
  readonly name: 'tensorflow' | 'wasm';
  readonly description: string;
  readonly #runtime: TfjsBackend;
  readonly #sessions: OwnedSessions;

  constructor(runtime: TfjsBackend) {
    this.name = runtime.name;
    this.description = runtime.description;
    this.#sessions = new OwnedSessions(this.description);
    this.#runtime = runtime;
  }

  load(network: LoadableNetwork): Promise<NetworkSession> {
    return this.#sessions.open(network, async () => {
      const graph = await network.graph();
      this.#select();
      const program = compileTfjs(this.#runtime.tf, graph);
      return {
        run: async (inputs) => this.#run(program, inputs),
        dispose: async () => {
          this.#select();
          program.dispose();
        },
      };
    });
  }

  tensorCount(): number {
    return this.#runtime.tf.memory().numTensors;
  }

  dispose(): Promise<void> {
    return this.#sessions.dispose();
  }

  #run(program: TfProgram, inputs: readonly Tensor[]): readonly Tensor[] {
    const { tf } = this.#runtime;
    this.#select();
    const fed = inputs.map(({ data, shape }) => tf.tensor(data, [...shape]));
    let results: tfjs.Tensor[] = [];
    try {
      results = program.run(fed);
      return results.map((result) => ({ shape: result.shape, data: Float32Array.from(result.dataSync()) }));
    } finally {
      for (const tensor of [...fed, ...results]) tensor.dispose();
    }
  }

  /** Another engine of this process may have chosen its own; a backend that is ready is chosen at once. */
  #select(): void {
    const { tf, backend } = this.#runtime;
    if (tf.getBackend() !== backend) void tf.setBackend(backend);
  }
}
