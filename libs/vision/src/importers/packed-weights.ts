import { LatchkeyError } from '@latchkey/domain';
import { z } from 'zod';
import type { Constant } from '../graph/graph.ts';
import { parseModelJson } from './parse-model-json.ts';
import { splitWeights, type WeightMap } from './weight-map.ts';

/** "LKW1", then the header's length as uint32, the header as JSON, padding to 4 bytes, float32 values, little-endian. */
const MAGIC = 0x31574b4c;
const PREFIX_BYTES = 8;

const header = z.array(z.object({ name: z.string().min(1), shape: z.array(z.number().int().positive()) }));

const aligned = (bytes: number): number => Math.ceil(bytes / 4) * 4;

/** Named weights as one file that is read in one go. */
export function packWeights(weights: readonly Constant[]): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(weights.map(({ name, shape }) => ({ name, shape }))));
  const start = PREFIX_BYTES + aligned(json.byteLength);
  const bytes = new Uint8Array(start + weights.reduce((total, weight) => total + weight.data.byteLength, 0));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, json.byteLength, true);
  bytes.set(json, PREFIX_BYTES);
  let offset = start;
  for (const { data } of weights) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return bytes;
}

/**
 * Reads what {@link packWeights} wrote.
 * @param source what error messages call the model.
 * @throws LatchkeyError `model-corrupt` for bytes that are not exactly such a file.
 */
export function unpackWeights(source: string, bytes: Uint8Array): WeightMap {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < PREFIX_BYTES || view.getUint32(0, true) !== MAGIC) {
    throw new LatchkeyError('model-corrupt', `The weights of ${source} are no packed weight file; import them again.`);
  }
  const length = view.getUint32(4, true);
  const entries = parseModelJson(source, bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + length), header);
  return splitWeights(
    source,
    entries.map((entry) => ({ ...entry, dtype: 'float32' as const })),
    bytes.subarray(PREFIX_BYTES + aligned(length)),
  );
}
