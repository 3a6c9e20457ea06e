import { LatchkeyError } from '@latchkey/domain';

/** One field of a protobuf message. */
export interface ProtobufField {
  readonly number: number;
  /** Number and content as they stand in the message. */
  readonly raw: Uint8Array;
  /** Content of a text, of bytes, or of a message; empty for numbers. */
  readonly payload: Uint8Array;
  /** A variable-length number; 0 for everything else. */
  readonly integer: bigint;
}

const VARINT = 0;
const FIXED_64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;

class Cursor {
  readonly #bytes: Uint8Array;
  position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.position >= this.#bytes.byteLength;
  }

  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.position++];
      if (byte === undefined) break;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw damaged();
  }

  take(length: number): Uint8Array {
    const from = this.position;
    this.position += length;
    if (this.position > this.#bytes.byteLength) throw damaged();
    return this.#bytes.subarray(from, this.position);
  }

  since(from: number): Uint8Array {
    return this.#bytes.subarray(from, this.position);
  }
}

const damaged = (): LatchkeyError =>
  new LatchkeyError('model-corrupt', 'The model file is cut off or is no protobuf message; get it again.');

/**
 * The fields of a protobuf message in their order (https://protobuf.dev/programming-guides/encoding).
 * @throws LatchkeyError `model-corrupt` when the bytes are no such message.
 */
export function readFields(bytes: Uint8Array): ProtobufField[] {
  const cursor = new Cursor(bytes);
  const fields: ProtobufField[] = [];
  while (!cursor.atEnd) {
    const from = cursor.position;
    const tag = cursor.varint();
    const wire = Number(tag & 7n);
    let payload: Uint8Array = new Uint8Array();
    let integer = 0n;
    if (wire === VARINT) integer = BigInt.asIntN(64, cursor.varint());
    else if (wire === LENGTH_DELIMITED) payload = cursor.take(Number(cursor.varint()));
    else if (wire === FIXED_64) cursor.take(8);
    else if (wire === FIXED_32) cursor.take(4);
    else throw damaged();
    fields.push({ number: Number(tag >> 3n), raw: cursor.since(from), payload, integer });
  }
  return fields;
}

/** Text of the first field of this number; empty when there is none. */
export function textOf(fields: readonly ProtobufField[], number: number): string {
  const field = fields.find((candidate) => candidate.number === number);
  return field ? new TextDecoder().decode(field.payload) : '';
}

/** Integers of a repeated field, whether each has a tag of its own or several stand in one list. */
export function integersOf(fields: readonly ProtobufField[]): number[] {
  return fields.flatMap(({ raw, payload, integer }) => {
    const wire = (raw[0] ?? 0) & 7;
    if (wire !== LENGTH_DELIMITED) return [Number(integer)];
    const values: number[] = [];
    for (const cursor = new Cursor(payload); !cursor.atEnd; ) values.push(Number(BigInt.asIntN(64, cursor.varint())));
    return values;
  });
}
