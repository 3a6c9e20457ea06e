import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { LatchkeyError } from '@latchkey/domain';
import { z } from 'zod';

const tensor = z
  .object({
    name: z.string().min(1),
    shape: z.array(z.union([z.literal('batch'), z.number().int().positive()])),
    /** How pixels become values, or what the values mean. */
    values: z.string(),
  })
  .strict();

/** One file of a model inside an installed npm package. */
export const modelFile = z
  .object({
    package: z.string().min(1),
    path: z.string().min(1),
    bytes: z.number().int().positive(),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
  })
  .strict();

/** Parsed {@link modelFile}. */
export type ModelFile = z.infer<typeof modelFile>;

/** One entry of `weights/manifest.json`. */
export const modelEntry = z
  .object({
    name: z.string().regex(/^[a-z0-9-]+$/),
    version: z.string().min(1),
    task: z.enum(['detector', 'landmarks', 'encoder']),
    licence: z.string().min(1),
    source: z.string().min(1),
    origin: z.string().min(1),
    files: z.array(modelFile).min(1),
    inputs: z.array(tensor).min(1),
    outputs: z.array(tensor).min(1),
    /** From which score a detector's box is a face, and from which overlap (of the union) two boxes are one face. */
    detection: z.object({ minScore: z.number(), maxOverlap: z.number() }).strict().optional(),
    /** Euclidean distances of an encoder, measured on LFW; see `libs/vision/README.md`. */
    thresholds: z
      .record(
        z.string(),
        z.object({ maxDistance: z.number(), identifyMaxDistance: z.number(), minMargin: z.number() }).strict(),
      )
      .optional(),
  })
  .strict();

/** Parsed {@link modelEntry}. */
export type ModelEntry = z.infer<typeof modelEntry>;

const manifest = z.object({ schema: z.literal(1), models: z.array(modelEntry) }).strict();

/** `weights/manifest.json` of this repository; as far away from `src/models` as from `dist/models`. */
export const MANIFEST_URL = new URL('../../../../weights/manifest.json', import.meta.url);

/**
 * Reads the list of models.
 * @throws LatchkeyError `model-missing` when the file is not there, `model-corrupt` when it has another form.
 */
export async function readModelManifest(url: URL = MANIFEST_URL): Promise<readonly ModelEntry[]> {
  let text: string;
  try {
    text = await readFile(url, 'utf8');
  } catch (cause) {
    throw new LatchkeyError('model-missing', `${fileURLToPath(url)} is not there; install Latchkey again.`, { cause });
  }
  try {
    return manifest.parse(JSON.parse(text)).models;
  } catch (cause) {
    throw new LatchkeyError('model-corrupt', `${fileURLToPath(url)} is not a list of models: ${String(cause)}`, {
      cause,
    });
  }
}

/** The entry of this name. @throws LatchkeyError `model-missing` when there is none. */
export function findModel(entries: readonly ModelEntry[], name: string): ModelEntry {
  const entry = entries.find((candidate) => candidate.name === name);
  if (!entry) throw new LatchkeyError('model-missing', `weights/manifest.json has no model "${name}".`);
  return entry;
}
