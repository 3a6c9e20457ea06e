import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { GraphBuilder } from '../graph/graph-builder.ts';
import { compileOnnx } from '../onnx/compile-onnx.ts';
import { type OnnxRuntime, OnnxRuntimeEngine } from './onnx-runtime-engine.ts';
import { refuseTelemetry } from './refuse-telemetry.ts';
import type { EngineOptions } from './select-engine.ts';

/**
 * ONNX Runtime: the copy that `latchkey engine install cuda` made, on the GPU when that works and else on the CPU; without
 * such a copy, or where it does not load, Latchkey's own. Never both in one process: the second would be given the first
 * one's library.
 * @throws whatever keeps Latchkey's own package from loading.
 */
export async function openOnnx({ engineDir, engineThreads = 1 }: EngineOptions): Promise<OnnxRuntimeEngine> {
  refuseTelemetry();
  const folder = engineDir === undefined ? null : join(engineDir, 'cuda');
  if (folder === null || !existsSync(join(folder, 'node_modules', 'onnxruntime-node'))) {
    return new OnnxRuntimeEngine(await import('onnxruntime-node'), 'on the CPU', ['cpu'], engineThreads);
  }
  const runtime = loaded(folder);
  if (typeof runtime === 'string') {
    const device = `on the CPU because the copy with CUDA does not load (${runtime})`;
    return new OnnxRuntimeEngine(await import('onnxruntime-node'), device, ['cpu'], engineThreads);
  }
  const problem = await cudaProblem(runtime);
  if (problem === null) return new OnnxRuntimeEngine(runtime, 'on the GPU by CUDA', ['cuda', 'cpu'], engineThreads);
  const device = `on the CPU because CUDA does not start (${problem})`;
  return new OnnxRuntimeEngine(runtime, device, ['cpu'], engineThreads);
}

/** The package in that folder; why it does not load, in a line. */
function loaded(folder: string): OnnxRuntime | string {
  try {
    const found: Partial<OnnxRuntime> = createRequire(join(folder, 'package.json'))('onnxruntime-node');
    return isRuntime(found) ? found : 'it is another package';
  } catch (error) {
    return lineOf(error);
  }
}

const isRuntime = (found: Partial<OnnxRuntime>): found is OnnxRuntime =>
  found.InferenceSession !== undefined && found.env?.versions !== undefined;

const lineOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0]?.trim() ?? 'unknown';

/** Why no session can be made on the GPU, in a line; null when one can. */
async function cudaProblem(runtime: OnnxRuntime): Promise<string | null> {
  const builder = new GraphBuilder('probe');
  const x = builder.input('x', ['batch', 1]);
  const bytes = compileOnnx(builder.build([builder.add({ type: 'sigmoid' }, [x], 'y')]));
  try {
    const session = await runtime.InferenceSession.create(bytes, { executionProviders: ['cuda'], logSeverityLevel: 4 });
    await session.release();
    return null;
  } catch (error) {
    return lineOf(error);
  }
}
