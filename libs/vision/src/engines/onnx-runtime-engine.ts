import { LatchkeyError } from '@latchkey/domain';
import type * as ort from 'onnxruntime-node';
import { checkedSession } from './checked-session.ts';
import type { InferenceEngine, LoadableNetwork, NetworkSession, Tensor } from './inference-engine.ts';

/** One thread: measured faster than two on every network here; more cores are used by more workers (DESIGN.md §3). */
const INTRA_OP_THREADS = 1;

/** The package `onnxruntime-node`, of whichever folder. */
export type OnnxRuntime = typeof ort;

/** ONNX Runtime on the CPU, or on a GPU where its libraries for that are installed. */
export class OnnxRuntimeEngine implements InferenceEngine {
  readonly name = 'onnx';
  readonly description: string;
  readonly #runtime: OnnxRuntime;
  readonly #providers: readonly string[];
  readonly #sessions = new Set<NetworkSession>();

  /** @param device where `providers` compute, for people. */
  constructor(runtime: OnnxRuntime, device: string, providers: readonly string[]) {
    const { node, common } = runtime.env.versions;
    this.description = `ONNX Runtime ${node ?? common} ${device}, ${INTRA_OP_THREADS} thread`;
    this.#runtime = runtime;
    this.#providers = providers;
  }

  async load(network: LoadableNetwork): Promise<NetworkSession> {
    const bytes = await network.onnx();
    const native = await this.#create(network.name, bytes);
    const inner: NetworkSession = {
      run: (inputs) => runSession(this.#runtime, native, network, inputs),
      dispose: () => native.release(),
    };
    const session = checkedSession(network, inner);
    this.#sessions.add(session);
    return {
      run: (inputs) => session.run(inputs),
      dispose: async () => {
        this.#sessions.delete(session);
        await session.dispose();
      },
    };
  }

  async dispose(): Promise<void> {
    const sessions = [...this.#sessions];
    this.#sessions.clear();
    for (const session of sessions) await session.dispose();
  }

  async #create(name: string, bytes: Uint8Array): Promise<ort.InferenceSession> {
    try {
      return await this.#runtime.InferenceSession.create(bytes, {
        executionProviders: this.#providers,
        executionMode: 'sequential',
        graphOptimizationLevel: 'all',
        intraOpNumThreads: INTRA_OP_THREADS,
        interOpNumThreads: 1,
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
  const results = await native.run(Object.fromEntries(feeds));
  return network.outputs.map((spec) => {
    const result = results[spec.name];
    if (!(result?.data instanceof Float32Array)) {
      throw new LatchkeyError('model-corrupt', `${network.name} has no float output "${spec.name}".`);
    }
    return { shape: result.dims, data: result.data };
  });
}
