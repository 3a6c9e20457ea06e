import { isFitting } from './fitting-memory.ts';

/**
 * Memory for the smaller levels of one picture after another: at many pictures a second, what the garbage collector has not yet
 * freed is many times what is in use. Of pyramids with the same memory only the newest may be used.
 */
export class PyramidMemory {
  readonly #levels: Uint8Array[] = [];

  /** `length` bytes for a level, with whatever was in them before; memory that does not fit is left to the garbage collector. */
  of(level: number, length: number): Uint8Array {
    const present = this.#levels[level];
    if (present && isFitting(present.length, length)) return present.subarray(0, length);
    const made = new Uint8Array(length);
    this.#levels[level] = made;
    return made;
  }
}
