import { LatchkeyError } from '@latchkey/domain';
import { integersOf, readFields, textOf } from '../onnx/protobuf-reader.ts';
import { decodeWeights } from './weight-dtype.ts';

/** Field numbers and types of onnx.proto. */
const TENSOR = { dims: 1, type: 2, floatData: 4, int64Data: 7, name: 8, rawData: 9, externalData: 13 } as const;
const FLOAT = 1;
const INT64 = 7;
const FLOAT16 = 10;

/** Weights, or a list of integers that is a shape. */
export interface OnnxConstant {
  readonly name: string;
  readonly shape: readonly number[];
  /** Integers too. */
  readonly data: Float32Array;
}

/**
 * Reads a `TensorProto`; half precision is widened.
 * @throws LatchkeyError `model-corrupt` for other types, weights in another file, a length that does not fit the shape, and
 * values that are not finite.
 */
export function readOnnxTensor(payload: Uint8Array): OnnxConstant {
  const fields = readFields(payload);
  const name = textOf(fields, TENSOR.name);
  const refuse = (what: string): LatchkeyError => new LatchkeyError('model-corrupt', `The weights "${name}" ${what}.`);
  const all = (number: number) => fields.filter((field) => field.number === number);
  if (all(TENSOR.externalData).length > 0) throw refuse('stand in another file');
  const shape = integersOf(all(TENSOR.dims));
  const size = shape.reduce((product, dim) => product * dim, 1);
  const type = Number(all(TENSOR.type)[0]?.integer ?? 0n);
  const [raw] = all(TENSOR.rawData);
  const bytes = raw?.payload ?? Buffer.concat(all(TENSOR.floatData).map((field) => field.payload));
  const length = (width: number): void => {
    if (bytes.byteLength !== size * width) throw refuse(`have ${bytes.byteLength} bytes, expected ${size * width}`);
  };
  if (type === FLOAT) {
    length(4);
    return { name, shape, data: decodeWeights({ name, shape: [...shape], dtype: 'float32' }, bytes) };
  }
  if (type === FLOAT16 && raw) {
    length(2);
    const quantization = { dtype: 'float16' } as const;
    return { name, shape, data: decodeWeights({ name, shape: [...shape], dtype: 'float32', quantization }, bytes) };
  }
  if (type === INT64) {
    if (raw) length(8);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const values = raw
      ? Array.from({ length: size }, (_, i) => Number(view.getBigInt64(i * 8, true)))
      : integersOf(all(TENSOR.int64Data));
    return { name, shape, data: Float32Array.from(values) };
  }
  throw refuse(`are of a type (${type}) that this importer cannot read`);
}
