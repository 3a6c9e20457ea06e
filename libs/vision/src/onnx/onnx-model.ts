import type { Constant, TensorSpec } from '../graph/graph.ts';
import type { Shape } from '../graph/shape.ts';
import { ProtobufWriter } from './protobuf-writer.ts';

/** Value of a node's attribute; whole numbers must be given as bigint so that they are not taken for floats. */
export type OnnxAttribute = number | bigint | string | readonly bigint[];

/** One ONNX node. */
export interface OnnxNode {
  readonly opType: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
}

/** An int64 tensor, for shapes and axes. */
export interface IntegerConstant {
  readonly name: string;
  readonly integers: readonly number[];
}

/** What goes into an ONNX file. */
export interface OnnxModel {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly weights: readonly (Constant | IntegerConstant)[];
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

/** Operator set of the files; every operation that we write means the same in 13 and later. */
export const ONNX_OPSET = 17;
const IR_VERSION = 8;
const FLOAT = 1;
const INT64 = 7;

function attribute(name: string, value: OnnxAttribute): ProtobufWriter {
  const message = new ProtobufWriter().text(1, name);
  if (typeof value === 'number') return message.float(2, value).integer(20, 1);
  if (typeof value === 'bigint') return message.integer(3, Number(value)).integer(20, 2);
  if (typeof value === 'string') return message.text(4, value).integer(20, 3);
  for (const item of value) message.integer(8, Number(item));
  return message.integer(20, 7);
}

function node(onnxNode: OnnxNode): ProtobufWriter {
  const message = new ProtobufWriter();
  for (const input of onnxNode.inputs) message.text(1, input);
  message.text(2, onnxNode.output).text(3, onnxNode.output).text(4, onnxNode.opType);
  for (const [name, value] of Object.entries(onnxNode.attributes ?? {})) message.message(5, attribute(name, value));
  return message;
}

function littleEndianFloats(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function littleEndianIntegers(values: readonly number[]): Uint8Array {
  return new Uint8Array(BigInt64Array.from(values, (value) => BigInt(value)).buffer);
}

function tensor(weights: Constant | IntegerConstant): ProtobufWriter {
  const message = new ProtobufWriter();
  const integers = 'integers' in weights;
  for (const dim of integers ? [weights.integers.length] : weights.shape) message.integer(1, dim);
  return message
    .integer(2, integers ? INT64 : FLOAT)
    .text(8, weights.name)
    .bytes(9, integers ? littleEndianIntegers(weights.integers) : littleEndianFloats(weights.data));
}

function tensorShape(shape: Shape): ProtobufWriter {
  const message = new ProtobufWriter();
  for (const dim of shape) {
    const dimension = new ProtobufWriter();
    message.message(1, dim === 'batch' ? dimension.text(2, 'batch') : dimension.integer(1, dim));
  }
  return message;
}

/** Name, type and shape of an input or output (ONNX `ValueInfoProto`). */
export function valueInfo(spec: TensorSpec): ProtobufWriter {
  const tensorType = new ProtobufWriter().integer(1, FLOAT).message(2, tensorShape(spec.shape));
  return new ProtobufWriter().text(1, spec.name).message(2, new ProtobufWriter().message(1, tensorType));
}

/**
 * The bytes of an ONNX file (field numbers from onnx.proto, ONNX 1.12). All machines that Node runs on are
 * little-endian, as raw tensors in ONNX are.
 */
export function encodeOnnxModel(model: OnnxModel): Uint8Array {
  const graph = new ProtobufWriter();
  for (const item of model.nodes) graph.message(1, node(item));
  graph.text(2, model.name);
  for (const item of model.weights) graph.message(5, tensor(item));
  for (const item of model.inputs) graph.message(11, valueInfo(item));
  for (const item of model.outputs) graph.message(12, valueInfo(item));
  return new ProtobufWriter()
    .integer(1, IR_VERSION)
    .text(2, 'latchkey')
    .message(7, graph)
    .message(8, new ProtobufWriter().text(1, '').integer(2, ONNX_OPSET))
    .finish();
}
