import { fileURLToPath } from 'node:url';
import { LatchkeyError } from '@latchkey/domain';
import type { EngineName, EngineTest } from '@latchkey/vision';
import { z } from 'zod';
import { type CommandOptions, runCommand } from './run-command.ts';

/** The compiled command, from `src` as from `dist`. */
const cli = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

const answer = z.union([
  z.object({ engine: z.enum(['onnx', 'tensorflow', 'wasm']), description: z.string(), maxDifference: z.number() }),
  z.object({ error: z.object({ message: z.string() }) }),
]);

/**
 * Runs `latchkey engine test` in a process of its own, which may crash without harm.
 * @param root folder of engines that has the one to test.
 * @throws LatchkeyError `engine-unavailable` when the engine does not load, crashes or computes something else.
 */
export async function testInChild(
  name: EngineName,
  where: { readonly root: string; readonly modelCacheDir: string; readonly commands: CommandOptions },
): Promise<EngineTest> {
  const { root, modelCacheDir, commands } = where;
  const env = { ...commands.env, LATCHKEY_ENGINE_DIR: root, LATCHKEY_MODEL_CACHE_DIR: modelCacheDir };
  const tested = await runCommand(process.execPath, [cli, 'engine', 'test', name, '--json'], { ...commands, env });
  const parsed = answer.safeParse(jsonOrNull(tested.stdout.trim().split('\n').at(-1) ?? ''));
  if (tested.ok && parsed.success && 'engine' in parsed.data) return parsed.data;
  const reason =
    parsed.success && 'error' in parsed.data
      ? parsed.data.error.message
      : `${tested.end}; ${tested.stderr.trim().split('\n').at(-1)}`;
  throw new LatchkeyError(
    'engine-unavailable',
    `The engine was built but does not pass its test, and is not used: ${reason} The whole output is in ${commands.log}.`,
  );
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
