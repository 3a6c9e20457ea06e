import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, cpus, platform } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { ONNX_COMPILER_VERSION } from '../onnx/compile-onnx.ts';
import { engineNames } from './inference-engine.ts';

const engineChoice = z
  .object({
    format: z.literal(1),
    /** {@link thisMachine} when it was measured. */
    machine: z.string(),
    engine: z.enum(engineNames),
    /** The engine's own description then: another version of it is another engine. */
    description: z.string(),
    /** Milliseconds of all network passes that one face takes. */
    faceMs: z.number().positive(),
    measuredAt: z.iso.datetime(),
  })
  .strict();

/** The fastest engine of this machine as `latchkey engine bench` measured it. */
export type KeptEngineChoice = z.infer<typeof engineChoice>;

const manifest = z.object({ version: z.string() });

const fileOf = (engineDir: string): string => join(engineDir, 'choice.json');

/** Everything but the engine itself that times depend on: with another one a measurement means nothing any more. */
export function thisMachine(): string {
  const { version } = manifest.parse(createRequire(import.meta.url)('../../package.json'));
  const processors = cpus();
  const model = processors[0]?.model.trim() ?? 'unknown';
  return `${platform()}-${arch()}, ${processors.length} × ${model}, Node ${process.version}, Latchkey ${version}.${ONNX_COMPILER_VERSION}`;
}

/** The choice that was kept; null when there is none, it is damaged, or it is of another machine or version. */
export async function readEngineChoice(engineDir: string): Promise<KeptEngineChoice | null> {
  const text = await readFile(fileOf(engineDir), 'utf8').catch(() => null);
  if (text === null) return null;
  const parsed = engineChoice.safeParse(jsonOrNull(text));
  return parsed.success && parsed.data.machine === thisMachine() ? parsed.data : null;
}

/** Keeps a choice for engines that are opened from now on; appears as a whole or not at all. */
export async function keepEngineChoice(
  engineDir: string,
  { engine, description, faceMs }: Pick<KeptEngineChoice, 'engine' | 'description' | 'faceMs'>,
): Promise<void> {
  const choice: KeptEngineChoice = {
    format: 1,
    machine: thisMachine(),
    engine,
    description,
    faceMs,
    measuredAt: new Date().toISOString(),
  };
  await mkdir(engineDir, { recursive: true });
  const temporary = `${fileOf(engineDir)}.${randomUUID()}.tmp`;
  try {
    await writeFile(temporary, `${JSON.stringify(choice, null, 2)}\n`);
    await rename(temporary, fileOf(engineDir));
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Forgets the choice: engines were added or taken away. */
export async function forgetEngineChoice(engineDir: string): Promise<void> {
  await rm(fileOf(engineDir), { force: true });
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
