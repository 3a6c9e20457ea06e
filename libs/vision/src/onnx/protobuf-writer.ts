const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

/**
 * Writes protobuf messages (https://protobuf.dev/programming-guides/encoding). Large byte fields are kept by reference
 * until {@link finish}, so that weights are copied once only.
 */
export class ProtobufWriter {
  readonly #chunks: Uint8Array[] = [];
  #byteLength = 0;

  /** Integer field, 0 ≤ value ≤ 2^53 − 1, or −1 (as int64). */
  integer(field: number, value: number): this {
    this.#varint(BigInt((field << 3) | VARINT));
    this.#varint(BigInt.asUintN(64, BigInt(value)));
    return this;
  }

  /** 32-bit floating-point field. */
  float(field: number, value: number): this {
    this.#varint(BigInt((field << 3) | FIXED32));
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    this.#push(bytes);
    return this;
  }

  /** Bytes field; `value` must not change before {@link finish}. */
  bytes(field: number, value: Uint8Array): this {
    this.#varint(BigInt((field << 3) | LENGTH_DELIMITED));
    this.#varint(BigInt(value.byteLength));
    this.#push(value);
    return this;
  }

  /** A field as it stands in another message, number and all; must not change before {@link finish}. */
  raw(field: Uint8Array): this {
    this.#push(field);
    return this;
  }

  /** UTF-8 text field. */
  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  /** Field that holds a message. */
  message(field: number, message: ProtobufWriter): this {
    this.#varint(BigInt((field << 3) | LENGTH_DELIMITED));
    this.#varint(BigInt(message.#byteLength));
    for (const chunk of message.#chunks) this.#push(chunk);
    return this;
  }

  /** The message's bytes. */
  finish(): Uint8Array {
    const bytes = new Uint8Array(this.#byteLength);
    let offset = 0;
    for (const chunk of this.#chunks) {
      bytes.set(chunk, offset);
      offset += chunk.byteLength;
    }
    return bytes;
  }

  #varint(value: bigint): void {
    const bytes: number[] = [];
    let rest = value;
    while (rest > 0x7fn) {
      bytes.push(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    bytes.push(Number(rest));
    this.#push(Uint8Array.from(bytes));
  }

  #push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#byteLength += chunk.byteLength;
  }
}
