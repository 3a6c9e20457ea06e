import { LatchkeyError } from '@latchkey/domain';
import { z } from 'zod';

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
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stored = entry.quantization?.dtype ?? entry.dtype;
  const width = bytesPerValue[stored];
  const values = new Float32Array(bytes.byteLength / width);
  const read: Record<keyof typeof bytesPerValue, (offset: number) => number> = {
    float32: (offset) => view.getFloat32(offset, true),
    int32: (offset) => view.getInt32(offset, true),
    bool: (offset) => view.getUint8(offset),
    uint8: (offset) => view.getUint8(offset),
    uint16: (offset) => view.getUint16(offset, true),
    float16: (offset) => halfToNumber(view.getUint16(offset, true)),
  };
  if (stored === 'float16') {
    const table = halfTable();
    read.float16 = (offset) => table[view.getUint16(offset, true)] ?? Number.NaN;
  }
  const at = read[stored];
  const affine = stored === 'uint8' || stored === 'uint16';
  const { scale, min } = entry.quantization ?? {};
  if (affine && (scale === undefined || min === undefined)) {
    throw new LatchkeyError('model-corrupt', `Weight "${entry.name}" is quantised but has no scale and minimum.`);
  }
  for (let i = 0; i < values.length; i++) {
    const raw = at(i * width);
    const value = affine ? raw * (scale ?? 1) + (min ?? 0) : raw;
    if (stored === 'bool' && raw > 1) {
      throw new LatchkeyError('model-corrupt', `Weight "${entry.name}" holds ${raw} where only 0 and 1 may be.`);
    }
    if (!Number.isFinite(value)) {
      throw new LatchkeyError('model-corrupt', `Weight "${entry.name}" holds a value that is not a finite number.`);
    }
    values[i] = value;
  }
  return values;
}
