import { z } from 'zod';
import { parseModelJson } from './parse-model-json.ts';
import { weightEntry } from './weight-dtype.ts';
import { splitWeights, type WeightMap } from './weight-map.ts';

const manifest = z.array(z.object({ paths: z.array(z.string()), weights: z.array(weightEntry) })).length(1);

/**
 * Weights of a face-api model: a manifest (`*-weights_manifest.json`) and the one file that it names. Filters are
 * `[height, width, in, out]` as TensorFlow keeps them; the networks turn them.
 * @param source what error messages call the model.
 * @throws LatchkeyError `model-corrupt` for damaged, truncated or foreign files.
 */
export function importFaceApiWeights(source: string, manifestBytes: Uint8Array, weightBytes: Uint8Array): WeightMap {
  const [group] = parseModelJson(source, manifestBytes, manifest);
  return splitWeights(source, group?.weights ?? [], weightBytes);
}
