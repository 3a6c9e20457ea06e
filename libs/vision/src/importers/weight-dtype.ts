import { LatchkeyError } from '@latchkey/domain';
import { z } from 'zod';
import { allFinite } from '../graph/all-finite.ts';

/** How tfjs writes one tensor into a weight file (tfjs-core `io/types.ts`, `WeightsManifestEntry`). */
export const weightEntry = z.object({
  name: z.string().min(1),
  shape: z.array(z.number().int().min(0)),
  dtype: z.enum(['float32', 'int32', 'bool']),
  quantization: z
    .object({
      dtype: z.enum(['uint8', 'uint16', 'float16']),
      scale: z.number().optional(),
      min: z.number().optional(),
      original_dtype: z.string().optional(),
    })
    .optional(),
});

/** Parsed {@link weightEntry}. */
export type WeightEntry = z.infer<typeof weightEntry>;

const bytesPerValue = { float32: 4, int32: 4, bool: 1, uint8: 1, uint16: 2, float16: 2 } as const;

/** Bytes that the tensor takes in its file. */
export function byteLengthOf(entry: WeightEntry): number {
  const values = entry.shape.reduce((product, dim) => product * dim, 1);
  return values * bytesPerValue[entry.quantization?.dtype ?? entry.dtype];
}

/** Number of an IEEE 754 half-precision bit pattern. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * 2 ** -24 * fraction;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * 2 ** (exponent - 15) * (1 + fraction / 1024);
}

/** {@link halfToNumber} of every bit pattern: weights are millions of values. */
let halves: Float32Array | null = null;

function halfTable(): Float32Array {
  halves ??= Float32Array.from({ length: 2 ** 16 }, (_, bits) => halfToNumber(bits));
  return halves;
}

/**
 * The tensor's values as float32: affine quantisation (`value * scale + min`) undone, half precision widened.
 * @param bytes exactly {@link byteLengthOf} bytes, little-endian.
 * @throws LatchkeyError `model-corrupt` when a quantised tensor has no scale, a value is not finite, or no truth value.
 */
export function decodeWeights(entry: WeightEntry, bytes: Uint8Array): Float32Array {
  const stored = entry.quantization?.dtype ?? entry.dtype;
  const values = storedValues(stored, bytes);
  if (stored === 'uint8' || stored === 'uint16') {
    const { scale, min } = entry.quantization ?? {};
    if (scale === undefined || min === undefined) {
      throw new LatchkeyError('model-corrupt', `Weight "${entry.name}" is quantised but has no scale and minimum.`);
    }
    for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) * scale + min;
  }
  if (stored === 'bool') {
    const other = values.find((value) => value > 1);
    if (other !== undefined) {
      throw new LatchkeyError('model-corrupt', `Weight "${entry.name}" holds ${other} where only 0 and 1 may be.`);
    }
  }
  if (!allFinite(values)) {
    throw new LatchkeyError('model-corrupt', `Weight "${entry.name}" holds a value that is not a finite number.`);
  }
  return values;
}

/** What stands in the file, a loop for each type: weights are millions of values, and a call for each takes ten times as long. */
function storedValues(stored: keyof typeof bytesPerValue, bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.byteLength / bytesPerValue[stored];
  const values = new Float32Array(length);
  switch (stored) {
    case 'float32':
      for (let i = 0; i < length; i++) values[i] = view.getFloat32(i * 4, true);
      break;
    case 'int32':
      for (let i = 0; i < length; i++) values[i] = view.getInt32(i * 4, true);
      break;
    case 'uint16':
      for (let i = 0; i < length; i++) values[i] = view.getUint16(i * 2, true);
      break;
    case 'float16': {
      const table = halfTable();
      for (let i = 0; i < length; i++) values[i] = table[view.getUint16(i * 2, true)] as number;
      break;
    }
    case 'uint8':
    case 'bool':
      values.set(bytes);
      break;
  }
  return values;
}
