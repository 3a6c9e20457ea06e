import { LatchkeyError } from '@latchkey/domain';
import * as ort from 'onnxruntime-node';
import { checkedSession } from './checked-session.ts';
import type { InferenceEngine, LoadableNetwork, NetworkSession, Tensor } from './inference-engine.ts';

/** One thread: measured faster than two on every network here; more cores are used by more workers (DESIGN.md §3). */
const INTRA_OP_THREADS = 1;

/** ONNX Runtime on the CPU. */
export class OnnxRuntimeEngine implements InferenceEngine {
  readonly name = 'onnx';
  readonly description =
    `ONNX Runtime ${ort.env.versions.node ?? ort.env.versions.common} on the CPU, ${INTRA_OP_THREADS} thread`;
  readonly #sessions = new Set<NetworkSession>();

  async load(network: LoadableNetwork): Promise<NetworkSession> {
    const bytes = await network.onnx();
    const native = await createSession(network.name, bytes);
    const inner: NetworkSession = {
      run: (inputs) => runSession(native, network, inputs),
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
}

async function createSession(name: string, bytes: Uint8Array): Promise<ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(bytes, {
      executionProviders: ['cpu'],
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

async function runSession(
  native: ort.InferenceSession,
  network: LoadableNetwork,
  inputs: readonly Tensor[],
): Promise<readonly Tensor[]> {
  const feeds = network.inputs.map((spec, i) => {
    const { data = new Float32Array(), shape = [] } = inputs[i] ?? {};
    return [spec.name, new ort.Tensor('float32', data, [...shape])] as const;
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
