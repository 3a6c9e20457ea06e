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

/** What a file must be to be used. */
const fileContent = { bytes: z.number().int().positive(), sha256: z.string().regex(/^[0-9a-f]{64}$/) };

/** One file of a model inside an installed npm package. */
export const modelFile = z.object({ package: z.string().min(1), path: z.string().min(1), ...fileContent }).strict();

/** Parsed {@link modelFile}. */
export type ModelFile = z.infer<typeof modelFile>;

/** One entry of `weights/manifest.json`. */
export const modelEntry = z
  .object({
    name: z.string().regex(/^[a-z0-9-]+$/),
    version: z.string().min(1),
    task: z.enum(['detector', 'landmarks', 'encoder', 'liveness']),
    licence: z.string().min(1),
    /** Where its text stands. */
    licenceUrl: z.url({ protocol: /^https$/ }),
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

/**
 * Another file of the same network that people have: its numbers differ a little, so that it has a version of its own. It is
 * taken with `--file` alone.
 */
const modelVariant = z
  .object({
    name: z.string().regex(/^[a-z0-9-]+$/),
    ...fileContent,
    /** What was done to the file. */
    note: z.string().min(1),
  })
  .strict();

/** Parsed variant of a model. */
export type ModelVariant = z.infer<typeof modelVariant>;

/** A model that a user adds: a file behind an address, or a folder that only he has. */
export const optionalModelEntry = modelEntry
  .omit({ files: true })
  .extend({
    download: z
      .object({ url: z.url({ protocol: /^https$/ }), ...fileContent })
      .strict()
      .optional(),
    variants: z.array(modelVariant).default([]),
    folder: z
      .object({ format: z.literal('openface-csv'), files: z.number().int().positive() })
      .strict()
      .optional(),
  })
  .strict()
  .refine(({ download, folder }) => (download === undefined) !== (folder === undefined), {
    message: 'either "download" or "folder"',
  })
  .refine(({ download, variants }) => download !== undefined || variants.length === 0, {
    message: '"variants" go with "download"',
  });

/** Parsed {@link optionalModelEntry}. */
export type OptionalModelEntry = z.infer<typeof optionalModelEntry>;

/** Version of the file that is there: that of the variant, if it is one. */
export function versionOf(entry: OptionalModelEntry, variant: ModelVariant | null): string {
  return variant ? `${entry.version}-${variant.name}` : entry.version;
}

const manifest = z
  .object({ schema: z.literal(1), models: z.array(modelEntry), optional: z.array(optionalModelEntry).default([]) })
  .strict();

/** `weights/manifest.json` of this repository; as far away from `src/models` as from `dist/models`. */
export const MANIFEST_URL = new URL('../../../../weights/manifest.json', import.meta.url);

/**
 * Reads the list of models that come with Latchkey's packages.
 * @throws LatchkeyError `model-missing` when the file is not there, `model-corrupt` when it has another form.
 */
export async function readModelManifest(url: URL = MANIFEST_URL): Promise<readonly ModelEntry[]> {
  return (await read(url)).models;
}

/**
 * Reads the list of models that a user can add.
 * @throws LatchkeyError `model-missing` when the file is not there, `model-corrupt` when it has another form.
 */
export async function readOptionalModels(url: URL = MANIFEST_URL): Promise<readonly OptionalModelEntry[]> {
  return (await read(url)).optional;
}

async function read(url: URL): Promise<z.infer<typeof manifest>> {
  let text: string;
  try {
    text = await readFile(url, 'utf8');
  } catch (cause) {
    throw new LatchkeyError('model-missing', `${fileURLToPath(url)} is not there; install Latchkey again.`, { cause });
  }
  try {
    return manifest.parse(JSON.parse(text));
  } catch (cause) {
    throw new LatchkeyError('model-corrupt', `${fileURLToPath(url)} is not a list of models: ${String(cause)}`, {
      cause,
    });
  }
}

/** The entry of this name. @throws LatchkeyError `model-missing` when there is none. */
export function findModel<Entry extends { readonly name: string }>(entries: readonly Entry[], name: string): Entry {
  const entry = entries.find((candidate) => candidate.name === name);
  if (!entry) throw new LatchkeyError('model-missing', `weights/manifest.json has no model "${name}".`);
  return entry;
}
