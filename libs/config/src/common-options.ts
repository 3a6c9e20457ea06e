import { z } from 'zod';

/** A TCP port; 0: any free one. */
export const port = z.coerce.number().int().min(0).max(65_535);

/** Which inference engine to use; `auto`: the fastest that loads. */
export const engine = z
  .enum(['auto', 'onnx', 'tensorflow', 'wasm'])
  .describe('Inference engine; `auto` takes the fastest that loads.');

/** What is logged. */
export const logLevel = z
  .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
  .describe('Least serious level that is logged.');
