import { LatchkeyError } from '@latchkey/domain';
import type { TensorSpec } from '../graph/graph.ts';
import { namingSource } from '../importers/naming-source.ts';
import { valueInfo } from './onnx-model.ts';
import { type ProtobufField, readFields, textOf } from './protobuf-reader.ts';
import { ProtobufWriter } from './protobuf-writer.ts';

/** Field numbers of onnx.proto. */
const MODEL = { irVersion: 1, graph: 7 } as const;
const GRAPH = { node: 1, initializer: 5, input: 11, output: 12, valueInfo: 13 } as const;
const NODE = { input: 1, output: 2, opType: 4, attribute: 5 } as const;
const ATTRIBUTE = { tensor: 5 } as const;
const TENSOR = { int64Data: 7, name: 8, rawData: 9, externalData: 13 } as const;
const VALUE_INFO = { name: 1 } as const;

/** From this version of the format on, weights need not stand among the graph's inputs. */
const IR_VERSION_WITHOUT_WEIGHT_INPUTS = 4n;

/**
 * A ready ONNX file as Latchkey runs it: weights that are also listed as inputs are taken off that list (ONNX Runtime
 * could not optimise them away), inputs and outputs get the wanted shapes, shapes noted in between are dropped, and
 * reshapes to a batch of 1 keep whatever batch comes in.
 * @param source what error messages call the model.
 * @param inputs,outputs with the names that the file has, and the shapes that it is to be run with.
 * @throws LatchkeyError `model-corrupt` when the bytes are no ONNX file, or one with other inputs and outputs.
 */
export function prepareOnnx(
  source: string,
  bytes: Uint8Array,
  inputs: readonly TensorSpec[],
  outputs: readonly TensorSpec[],
): Uint8Array {
  return namingSource(source, () => prepared(source, bytes, inputs, outputs));
}

function prepared(
  source: string,
  bytes: Uint8Array,
  inputs: readonly TensorSpec[],
  outputs: readonly TensorSpec[],
): Uint8Array {
  const fields = readFields(bytes);
  const graph = fields.find(({ number }) => number === MODEL.graph);
  if (!graph) throw new LatchkeyError('model-corrupt', `${source} is no ONNX file; get it again.`);
  const model = new ProtobufWriter();
  for (const field of fields) {
    if (field.number === MODEL.graph) model.message(MODEL.graph, preparedGraph(source, field.payload, inputs, outputs));
    else if (field.number === MODEL.irVersion && field.integer < IR_VERSION_WITHOUT_WEIGHT_INPUTS)
      model.integer(MODEL.irVersion, Number(IR_VERSION_WITHOUT_WEIGHT_INPUTS));
    else model.raw(field.raw);
  }
  return model.finish();
}

function preparedGraph(
  source: string,
  bytes: Uint8Array,
  inputs: readonly TensorSpec[],
  outputs: readonly TensorSpec[],
): ProtobufWriter {
  const fields = readFields(bytes);
  const all = (number: number): ProtobufField[] => fields.filter((field) => field.number === number);
  const initializers = all(GRAPH.initializer).map((field) => readFields(field.payload));
  if (initializers.some((tensor) => tensor.some(({ number }) => number === TENSOR.externalData))) {
    throw new LatchkeyError('model-corrupt', `${source} keeps weights in another file, which its hash does not cover.`);
  }
  const weights = new Set(initializers.map((tensor) => textOf(tensor, TENSOR.name)));
  const names = (number: number): string[] =>
    all(number)
      .map((field) => textOf(readFields(field.payload), VALUE_INFO.name))
      .filter((name) => !weights.has(name));
  assertNames(source, 'inputs', names(GRAPH.input), inputs);
  assertNames(source, 'outputs', names(GRAPH.output), outputs);

  const targets = reshapeTargets(all(GRAPH.node));
  const graph = new ProtobufWriter();
  for (const field of fields) {
    if (field.number === GRAPH.input || field.number === GRAPH.output || field.number === GRAPH.valueInfo) continue;
    if (field.number === GRAPH.initializer) graph.bytes(GRAPH.initializer, withAnyBatch(field.payload, targets));
    else if (field.number === GRAPH.node) graph.bytes(GRAPH.node, constantWithAnyBatch(field.payload, targets));
    else graph.raw(field.raw);
  }
  for (const spec of inputs) graph.message(GRAPH.input, valueInfo(spec));
  for (const spec of outputs) graph.message(GRAPH.output, valueInfo(spec));
  return graph;
}

function assertNames(source: string, what: string, found: readonly string[], specs: readonly TensorSpec[]): void {
  const expected = specs.map((spec) => spec.name);
  if (found.length === expected.length && expected.every((name) => found.includes(name))) return;
  throw new LatchkeyError(
    'model-corrupt',
    `${source} has the ${what} ${found.join(', ') || 'none'}, expected ${expected.join(', ')}: it is another model.`,
  );
}

/** Names of the tensors that give reshapes their shape. */
function reshapeTargets(nodes: readonly ProtobufField[]): ReadonlySet<string> {
  const targets = new Set<string>();
  for (const node of nodes) {
    const fields = readFields(node.payload);
    if (textOf(fields, NODE.opType) !== 'Reshape') continue;
    const [, shape] = fields.filter((field) => field.number === NODE.input);
    if (shape) targets.add(new TextDecoder().decode(shape.payload));
  }
  return targets;
}

/** A shape whose first dimension is 1 takes over the input's first dimension instead, which is what 0 means there. */
function withAnyBatch(tensor: Uint8Array, targets: ReadonlySet<string> | null): Uint8Array {
  const fields = readFields(tensor);
  if (targets && !targets.has(textOf(fields, TENSOR.name))) return tensor;
  const changed = new ProtobufWriter();
  for (const { number, raw, payload } of fields) {
    const packed = number === TENSOR.int64Data && payload[0] === 1;
    const plain =
      number === TENSOR.rawData &&
      payload.byteLength >= 8 &&
      new DataView(payload.buffer, payload.byteOffset).getBigInt64(0, true) === 1n;
    if (packed || plain) {
      const copy = Uint8Array.from(payload);
      copy[0] = 0;
      changed.bytes(number, copy);
    } else changed.raw(raw);
  }
  return changed.finish();
}

/** The same for a shape that a node of its own gives. */
function constantWithAnyBatch(node: Uint8Array, targets: ReadonlySet<string>): Uint8Array {
  const fields = readFields(node);
  if (textOf(fields, NODE.opType) !== 'Constant' || !targets.has(textOf(fields, NODE.output))) return node;
  const changed = new ProtobufWriter();
  for (const field of fields) {
    if (field.number !== NODE.attribute) {
      changed.raw(field.raw);
      continue;
    }
    const attribute = new ProtobufWriter();
    for (const part of readFields(field.payload)) {
      if (part.number === ATTRIBUTE.tensor) attribute.bytes(ATTRIBUTE.tensor, withAnyBatch(part.payload, null));
      else attribute.raw(part.raw);
    }
    changed.message(NODE.attribute, attribute);
  }
  return changed.finish();
}
