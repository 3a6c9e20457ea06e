import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { isLatchkeyError } from '@latchkey/domain';
import { z } from 'zod';
import { packageFolder } from '../models/model-files.ts';
import type { TfRuntime } from '../tfjs/tfjs-value.ts';
import type { TfjsBackend } from './tfjs-engine.ts';

/** The GPU's package first: where it loads, it is the faster one. */
const packages = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] as const;

/** How TensorFlow.js calls the backend that both packages register. */
const BACKEND = 'tensorflow';

type NodeRuntime = TfRuntime & { readonly version: { readonly 'tfjs-node'?: string } };

/** What the packages' backend says of itself: the same package may be linked to a TensorFlow with or without a GPU. */
const nodeBackend = z.object({
  isUsingGpuDevice: z.boolean(),
  binding: z.object({ TF_Version: z.string() }),
});

/**
 * TensorFlow's own kernels, by the first of its two packages that loads. One whose native binding was not built is not
 * tried: it would fill TensorFlow.js's process-wide registries before it throws.
 * @param engineDir folder of installed engines: its `tensorflow/node_modules` is looked into before Latchkey's own.
 * @returns the backend, or for each package why it does not load.
 */
export async function openTensorflow(
  engineDir: string | undefined,
): Promise<{ readonly backend: TfjsBackend } | { readonly reasons: readonly string[] }> {
  const reasons: string[] = [];
  for (const { name, folder } of candidates(engineDir)) {
    if (folder === null || !hasBinding(folder)) {
      reasons.push(folder === null ? `${name} is not installed` : `${name} has no native binding`);
      continue;
    }
    try {
      return { backend: await openPackage(name, folder) };
    } catch (error) {
      const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
      reasons.push(`${name} does not load (${line.trim()})`);
    }
  }
  return { reasons };
}

/** What was installed for this machine, then what comes with Latchkey. */
function candidates(engineDir: string | undefined): readonly { name: string; folder: string | null }[] {
  const own = packages.map((name) => ({ name, folder: ownFolder(name) }));
  if (engineDir === undefined) return own;
  const installed = packages
    .map((name) => ({ name, folder: join(engineDir, 'tensorflow', 'node_modules', name) }))
    .filter(({ folder }) => existsSync(folder));
  return [...installed, ...own];
}

function ownFolder(name: string): string | null {
  try {
    return packageFolder(name);
  } catch (error) {
    if (isLatchkeyError(error, 'model-missing')) return null;
    throw error;
  }
}

async function openPackage(name: string, folder: string): Promise<TfjsBackend> {
  const tf: NodeRuntime = createRequire(join(folder, 'package.json'))(folder);
  if (!(await tf.setBackend(BACKEND))) throw new Error('its backend does not start');
  const { isUsingGpuDevice, binding } = nodeBackend.parse(tf.backend());
  const device = isUsingGpuDevice ? 'on the GPU' : 'on the CPU';
  const description = `TensorFlow ${binding.TF_Version} by ${name} ${tf.version['tfjs-node'] ?? ''} ${device}`;
  return { name: 'tensorflow', description, tf, backend: BACKEND };
}

/** In `lib/napi-vN`, where N is the version of Node's interface that it was built for. */
function hasBinding(folder: string): boolean {
  const lib = join(folder, 'lib');
  return existsSync(lib) && readdirSync(lib).some((name) => existsSync(join(lib, name, 'tfjs_binding.node')));
}
