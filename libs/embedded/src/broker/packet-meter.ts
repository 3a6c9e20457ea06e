/**
 * Follows the packets in a stream of MQTT bytes by their fixed headers (MQTT 3.1.1 §2.2: a byte of type and flags, then the
 * length in up to four bytes of seven bits) and tells when one announces more than is allowed, before it was gathered.
 */
export class PacketMeter {
  readonly #maxBytes: number;
  /** Bytes of the packet that are still to come; null inside a fixed header. */
  #left: number | null = null;
  #typeSeen = false;
  #length = 0;
  #shift = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Takes the next bytes; false when they announce a packet that is too long, or no packet at all. */
  admits(chunk: Uint8Array): boolean {
    let at = 0;
    while (at < chunk.byteLength) {
      if (this.#left !== null) {
        const taken = Math.min(this.#left, chunk.byteLength - at);
        at += taken;
        this.#left -= taken;
      } else if (this.#typeSeen) {
        if (!this.#lengthByte(chunk[at++] ?? 0)) return false;
      } else {
        this.#typeSeen = true;
        at++;
      }
      if (this.#left === 0) this.#begin();
    }
    return true;
  }

  #lengthByte(byte: number): boolean {
    this.#length += (byte & 0x7f) * 2 ** this.#shift;
    this.#shift += 7;
    if (byte < 0x80) this.#left = this.#length;
    return this.#length <= this.#maxBytes && (byte < 0x80 || this.#shift < 28);
  }

  #begin(): void {
    this.#left = null;
    this.#typeSeen = false;
    this.#length = 0;
    this.#shift = 0;
  }
}
