import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

/** A TCP port; 0: any free one. */
export const port = z.coerce.number().int().min(0).max(65_535);

/** Which inference engine to use; `auto`: the fastest that loads. */
export const engine = z
  .enum(['auto', 'onnx', 'tensorflow', 'wasm'])
  .describe('Inference engine; `auto` takes the fastest that loads.');

/** On how many cores ONNX Runtime computes one picture. */
export const engineThreads = z.coerce
  .number()
  .int()
  .min(1)
  .max(64)
  .describe(
    'Cores on which ONNX Runtime computes one picture: answers come sooner, and the machine does less beside them.',
  );

/** Where `latchkey engine install` builds engines and `engine bench` keeps its choice. */
export const engineDir = z
  .string()
  .optional()
  .describe(
    'Folder of engines that `latchkey engine install` built and of the choice of `engine bench`. Default: `~/.local/share/latchkey/engines`.',
  );

/** One folder for every process of a user: engines belong to the machine, not to a data folder. */
export function defaultEngineDir(): string {
  try {
    return join(homedir(), '.local', 'share', 'latchkey', 'engines');
  } catch {
    // An account without a home folder, as containers have them.
    return join('.latchkey', 'engines');
  }
}

/** What is logged. */
export const logLevel = z
  .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
  .describe('Least serious level that is logged.');

/** Where one camera's frames come from. */
export const oneCamera = z
  .string()
  .optional()
  .describe(
    'Where frames come from: an address, a device, a film or a folder of pictures; see `docs/cameras.md`. `--camera` of `npm start` wins.',
  );

/** Where several cameras' frames come from. */
export const severalCameras = z
  .string()
  .optional()
  .describe('Several cameras instead: JSON, or the path of a file of it; see `docs/cameras.md`.');
