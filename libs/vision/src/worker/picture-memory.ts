import { isFitting } from '../image/fitting-memory.ts';

/** Spare buffers: two cameras may have a picture each under way; more would be held for nothing. */
const KEPT = 2;

/**
 * Memory in which pictures travel to another thread and back. Buffers that are left to the garbage collector wait for it: at five
 * pictures of 1,920 px a second an agent's resident memory rose by 50 MB.
 */
export class PictureMemory {
  readonly #spare: ArrayBuffer[] = [];

  /** A copy of a picture's bytes in a spare buffer that fits, else in a new one. */
  copyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    const at = this.#spare.findIndex(({ byteLength }) => isFitting(byteLength, bytes.byteLength));
    const [buffer = new ArrayBuffer(bytes.byteLength)] = at < 0 ? [] : this.#spare.splice(at, 1);
    const copy = new Uint8Array(buffer, 0, bytes.byteLength);
    copy.set(bytes);
    return copy;
  }

  /** Takes a buffer back that nobody uses any more; the one that has waited longest makes room for it. */
  giveBack(buffer: ArrayBuffer): void {
    this.#spare.push(buffer);
    if (this.#spare.length > KEPT) this.#spare.shift();
  }
}
