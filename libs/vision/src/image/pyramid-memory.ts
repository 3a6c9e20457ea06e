/**
 * Memory for the smaller levels of one picture after another: at many pictures a second, what the garbage collector has not yet
 * freed is many times what is in use. Of pyramids with the same memory only the newest may be used.
 */
export class PyramidMemory {
  readonly #levels: Uint8Array[] = [];

  /**
   * `length` bytes for a level, with whatever was in them before. Memory that is more than twice too large is left to the garbage
   * collector: one huge picture must not hold it for all small ones after it.
   */
  of(level: number, length: number): Uint8Array {
    const present = this.#levels[level];
    if (present && present.length >= length && present.length <= 2 * length) return present.subarray(0, length);
    const made = new Uint8Array(length);
    this.#levels[level] = made;
    return made;
  }
}
