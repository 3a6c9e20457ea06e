import { LatchkeyError } from './errors.ts';

/** Names network, weights, alignment and normalisation of an encoding, e.g. `dlib-resnet34@face-api-1.7.15/chip150`. */
export type ModelId = string;

/** One face's position in a model's space. `values.length` is the model's dimension (128 for all present models). */
export interface Encoding {
  readonly modelId: ModelId;
  readonly values: Float32Array;
}

/**
 * Euclidean distance of two encodings, ≥ 0.
 * @throws LatchkeyError `model-mismatch` when they are of different models: such a number would mean nothing.
 */
export function distance(a: Encoding, b: Encoding): number {
  if (a.modelId !== b.modelId || a.values.length !== b.values.length) {
    throw new LatchkeyError(
      'model-mismatch',
      `Encodings of "${a.modelId}" (${a.values.length}) and "${b.modelId}" (${b.values.length}) cannot be compared; encode both with one model.`,
    );
  }
  return Math.sqrt(squaredDistance(a.values, b.values));
}

/** Squared Euclidean distance of two vectors of equal length. */
export function squaredDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    sum += difference * difference;
  }
  return sum;
}

/** Bytes of an encoding as they travel and are stored: little-endian float32, 4 bytes a dimension. */
export function encodingToBytes(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) view.setFloat32(i * 4, value, true);
  return bytes;
}

/**
 * The vector that {@link encodingToBytes} wrote.
 * @throws LatchkeyError `invalid-input` when the length is no multiple of four or a value is not finite.
 */
export function encodingFromBytes(bytes: Uint8Array): Float32Array {
  if (bytes.length === 0 || bytes.length % 4 !== 0) {
    throw new LatchkeyError('invalid-input', `An encoding has a multiple of 4 bytes, this one has ${bytes.length}.`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Float32Array(bytes.length / 4);
  for (let i = 0; i < values.length; i++) {
    values[i] = view.getFloat32(i * 4, true);
    if (!Number.isFinite(values[i])) {
      throw new LatchkeyError('invalid-input', `Value ${i} of an encoding is not a finite number.`);
    }
  }
  return values;
}
