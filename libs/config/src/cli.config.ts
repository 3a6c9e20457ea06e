import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { defaultEngineDir, engine, engineDir, engineThreads, oneCamera } from './common-options.ts';
import { type Environment, readOptions } from './read-options.ts';

/** Every option of the recognition commands of `latchkey`, by environment variable. Flags win over them. */
export const cliOptions = z.object({
  LATCHKEY_SERVER: z.url().optional().describe('Address of a central, as `--server`.'),
  LATCHKEY_CAMERA: oneCamera,
  LATCHKEY_TOKEN: z.string().optional().describe('Token of an account there, as `--token`.'),
  LATCHKEY_ENGINE: engine.default('auto'),
  LATCHKEY_ENGINE_DIR: engineDir,
  LATCHKEY_ENGINE_THREADS: engineThreads.default(1),
  LATCHKEY_MODEL_CACHE_DIR: z
    .string()
    .optional()
    .describe(
      'Folder of compiled networks, of models that were added, of their licences and of encodings that are kept. Default: that of `npm start` when run beside it, else one in the home folder.',
    ),
});

/** Configuration of the recognition commands, parsed. */
export interface CliConfig {
  readonly server: string | null;
  readonly token: string | null;
  readonly camera: string | null;
  readonly engine: z.infer<typeof engine>;
  readonly engineDir: string;
  readonly engineThreads: number;
  readonly modelCacheDir: string;
}

/**
 * The configuration of the recognition commands from an environment.
 * @throws LatchkeyError `config-invalid`.
 */
export function readCliConfig(environment: Environment = process.env): CliConfig {
  const options = readOptions(cliOptions, environment);
  return {
    server: options.LATCHKEY_SERVER ?? null,
    token: options.LATCHKEY_TOKEN ?? null,
    camera: options.LATCHKEY_CAMERA ?? null,
    engine: options.LATCHKEY_ENGINE,
    engineDir: options.LATCHKEY_ENGINE_DIR ?? defaultEngineDir(),
    engineThreads: options.LATCHKEY_ENGINE_THREADS,
    modelCacheDir: options.LATCHKEY_MODEL_CACHE_DIR ?? defaultModelCacheDir(),
  };
}

function defaultModelCacheDir(): string {
  return existsSync('.latchkey') ? join('.latchkey', 'models') : join(homedir(), '.cache', 'latchkey', 'models');
}
