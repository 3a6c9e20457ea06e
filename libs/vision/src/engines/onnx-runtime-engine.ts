import { LatchkeyError } from '@latchkey/domain';
import type * as ort from 'onnxruntime-node';
import type { InferenceEngine, LoadableNetwork, NetworkSession, Tensor } from './inference-engine.ts';
import { OwnedSessions } from './owned-sessions.ts';

/** The package `onnxruntime-node`, of whichever folder. */
export type OnnxRuntime = typeof ort;

/** ONNX Runtime on the CPU, or on a GPU where its libraries for that are installed. */
export class OnnxRuntimeEngine implements InferenceEngine {
  readonly name = 'onnx';
  readonly description: string;
  readonly #runtime: OnnxRuntime;
  readonly #providers: readonly string[];
  readonly #threads: number;
  readonly #sessions: OwnedSessions;

  /**
   * @param device where `providers` compute, for people.
   * @param threads cores that compute one picture.
   */
  constructor(runtime: OnnxRuntime, device: string, providers: readonly string[], threads: number) {
    const { node, common } = runtime.env.versions;
    this.description = `ONNX Runtime ${node ?? common} ${device}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
    this.#sessions = new OwnedSessions(this.description);
    this.#runtime = runtime;
    this.#providers = providers;
    this.#threads = threads;
  }

  load(network: LoadableNetwork): Promise<NetworkSession> {
    return this.#sessions.open(network, async () => {
      const native = await this.#create(network.name, await network.onnx());
      return {
        run: (inputs) => runSession(this.#runtime, native, network, inputs),
        dispose: () => native.release(),
      };
    });
  }

  tensorCount(): number {
    return 0;
  }

  dispose(): Promise<void> {
    return this.#sessions.dispose();
  }

  async #create(name: string, bytes: Uint8Array): Promise<ort.InferenceSession> {
    try {
      return await this.#runtime.InferenceSession.create(bytes, {
        executionProviders: this.#providers,
        executionMode: 'sequential',
        graphOptimizationLevel: 'all',
        intraOpNumThreads: this.#threads,
        interOpNumThreads: 1,
        // Each session has threads of its own. Those that spin after a pass take the cores from the next network's: on two cores
        // that was slower than one thread, and half again as fast without.
        extra: { session: { intra_op: { allow_spinning: '0' } } },
        logSeverityLevel: 3,
      });
    } catch (cause) {
      throw new LatchkeyError('model-corrupt', `ONNX Runtime cannot load ${name}: ${String(cause)}`, { cause });
    }
  }
}

async function runSession(
  runtime: OnnxRuntime,
  native: ort.InferenceSession,
  network: LoadableNetwork,
  inputs: readonly Tensor[],
): Promise<readonly Tensor[]> {
  const feeds = network.inputs.map((spec, i) => {
    const { data = new Float32Array(), shape = [] } = inputs[i] ?? {};
    return [spec.name, new runtime.Tensor('float32', data, [...shape])] as const;
  });
  const results = await native.run(Object.fromEntries(feeds)).catch((cause: unknown) => {
    throw new LatchkeyError('model-corrupt', `ONNX Runtime cannot run ${network.name}: ${String(cause)}`, { cause });
  });
  return network.outputs.map((spec) => {
    const result = results[spec.name];
    if (!(result?.data instanceof Float32Array)) {
      throw new LatchkeyError('model-corrupt', `${network.name} has no float output "${spec.name}".`);
    }
    return { shape: result.dims, data: result.data };
  });
}
