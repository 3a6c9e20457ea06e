import { LatchkeyError } from '@latchkey/domain';
import { integersOf, type ProtobufField, readFields, textOf } from '../onnx/protobuf-reader.ts';
import { type OnnxConstant, readOnnxTensor } from './onnx-tensor.ts';

/** Field numbers of onnx.proto. */
const NODE = { input: 1, output: 2, name: 3, opType: 4, attribute: 5 } as const;
const ATTRIBUTE = { name: 1, float: 2, integer: 3, text: 4, tensor: 5, integers: 8 } as const;

/** One node of an ONNX graph. */
export class OnnxNode {
  readonly op: string;
  /** An input that is left out has the name "". */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly #attributes: ReadonlyMap<string, readonly ProtobufField[]>;

  /** @param payload content of the graph's field `node`. */
  constructor(payload: Uint8Array) {
    const fields = readFields(payload);
    const texts = (number: number): string[] =>
      fields.filter((field) => field.number === number).map((field) => new TextDecoder().decode(field.payload));
    this.op = textOf(fields, NODE.opType);
    this.inputs = texts(NODE.input);
    this.outputs = texts(NODE.output);
    const attributes = fields
      .filter(({ number }) => number === NODE.attribute)
      .map((field) => readFields(field.payload));
    this.#attributes = new Map(attributes.map((attribute) => [textOf(attribute, ATTRIBUTE.name), attribute]));
  }

  /** An integer; `absent` where the node does not give it. */
  integer(name: string, absent: number): number {
    const field = this.#attributes.get(name)?.find(({ number }) => number === ATTRIBUTE.integer);
    return field ? Number(field.integer) : absent;
  }

  /** A list of integers; `absent` where the node does not give it. */
  integers(name: string, absent: readonly number[]): readonly number[] {
    const fields = this.#attributes.get(name)?.filter(({ number }) => number === ATTRIBUTE.integers);
    return fields ? integersOf(fields) : absent;
  }

  /** A number of single precision; `absent` where the node does not give it. */
  float(name: string, absent: number): number {
    const field = this.#attributes.get(name)?.find(({ number }) => number === ATTRIBUTE.float);
    if (!field) return absent;
    const { buffer, byteOffset, byteLength } = field.raw;
    return new DataView(buffer, byteOffset + byteLength - 4, 4).getFloat32(0, true);
  }

  /** A text; `absent` where the node does not give it. */
  text(name: string, absent: string): string {
    const attribute = this.#attributes.get(name);
    return attribute ? textOf(attribute, ATTRIBUTE.text) : absent;
  }

  /** The weights of a `Constant`; undefined where the node has none. */
  tensor(name: string): OnnxConstant | undefined {
    const field = this.#attributes.get(name)?.find(({ number }) => number === ATTRIBUTE.tensor);
    return field && readOnnxTensor(field.payload);
  }

  /** @returns the error for something that the importer does not understand. */
  refuse(what: string): LatchkeyError {
    const [name = ''] = this.outputs;
    return new LatchkeyError('model-corrupt', `Node "${name}" (${this.op}) has ${what}; this importer cannot read it.`);
  }
}
