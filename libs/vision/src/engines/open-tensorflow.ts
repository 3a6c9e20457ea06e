import type { TfRuntime } from '../tfjs/tfjs-value.ts';
import type { TfjsBackend } from './tfjs-engine.ts';

/** The GPU's package first: where it loads, it is the faster one. */
const packages = [
  { name: '@tensorflow/tfjs-node-gpu', device: 'on the GPU' },
  { name: '@tensorflow/tfjs-node', device: 'on the CPU' },
] as const;

/** How TensorFlow.js calls the backend that both packages register. */
const BACKEND = 'tensorflow';

interface NodeBackend {
  readonly version: { readonly 'tfjs-node'?: string; readonly tfjs?: string };
}

/**
 * TensorFlow's own kernels, by the first of its two packages that loads. Both throw on import where their native binding
 * was not built, so their names are kept from the bundlers' eyes.
 * @returns the backend, or for each package why it does not load.
 */
export async function openTensorflow(): Promise<
  { readonly backend: TfjsBackend } | { readonly reasons: readonly string[] }
> {
  const reasons: string[] = [];
  for (const { name, device } of packages) {
    try {
      const loaded: { default: TfRuntime & NodeBackend } = await import(name);
      const tf = loaded.default;
      if (!(await tf.setBackend(BACKEND))) throw new Error('its backend does not start');
      const description = `TensorFlow by ${name} ${tf.version['tfjs-node'] ?? tf.version.tfjs ?? ''} ${device}`;
      return { backend: { name: 'tensorflow', description, tf, backend: BACKEND } };
    } catch (error) {
      const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
      reasons.push(`${name} does not load (${line.trim()})`);
    }
  }
  return { reasons };
}
