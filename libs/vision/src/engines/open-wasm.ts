import type { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { LatchkeyError } from '@latchkey/domain';
import { packageFolder } from '../models/model-files.ts';
import type { TfjsBackend } from './tfjs-engine.ts';

const PACKAGE = '@tensorflow/tfjs-backend-wasm';

/** Emscripten's start-up code installs these for the whole process, and they throw what others mean to handle. */
const events = ['uncaughtException', 'unhandledRejection'] as const;

/**
 * TensorFlow.js compiled to WebAssembly: no native code, runs wherever Node does. Its `.wasm` files are read out of the
 * installed package; nothing is downloaded.
 * @throws whatever keeps the package from loading.
 */
export async function openWasm(): Promise<TfjsBackend> {
  const tf = await import('@tensorflow/tfjs-core');
  const wasm = await import('@tensorflow/tfjs-backend-wasm');
  wasm.setWasmPaths(`${join(packageFolder(PACKAGE), 'dist')}/`);
  const ready = await withoutNewListeners(process, () => tf.setBackend('wasm'));
  if (!ready) throw new LatchkeyError('engine-unavailable', `${PACKAGE} ${wasm.version_wasm} does not start here.`);
  const simd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT');
  return {
    name: 'wasm',
    description: `TensorFlow.js ${wasm.version_wasm} in WebAssembly ${simd ? 'with' : 'without'} SIMD, 1 thread`,
    tf,
    backend: 'wasm',
  };
}

async function withoutNewListeners<Result>(emitter: EventEmitter, work: () => Promise<Result>): Promise<Result> {
  const before = events.map((event) => new Set(emitter.listeners(event)));
  const result = await work();
  events.forEach((event, i) => {
    for (const listener of emitter.listeners(event)) {
      if (!before[i]?.has(listener) && isListener(listener)) emitter.off(event, listener);
    }
  });
  return result;
}

const isListener = (value: unknown): value is (...args: unknown[]) => void => typeof value === 'function';
