import type { NativeSearch } from './exact-search.ts';

/** Rows that are nearest to a probe, and how near the others can be at most. */
export interface NearRows {
  readonly rows: readonly number[];
  /** Every row that is not among them is farther than this; negative when nothing can be said. */
  readonly othersBeyond: number;
}

/**
 * Encodings of one length in one block of memory, by row number. Removing one moves the last into its place: order means
 * nothing.
 */
export interface EncodingRows {
  readonly count: number;
  /** Bytes of the block, also of its unused part. */
  readonly byteLength: number;
  /** Appends a row. */
  push(values: Float32Array): void;
  /** Removes a row; the last one takes its place, and its old place is wiped. */
  remove(row: number): void;
  /** Squared Euclidean distance of a row, in double precision. */
  squaredDistance(row: number, probe: Float32Array): number;
  /** About the nearest rows by a native search, with what is certain of all others. */
  near(search: NativeSearch, probe: Float32Array, count: number): NearRows;
}

const firstCapacity = 64;

/** A block of rows that grows by doubling and leaves no copy of what was in it. */
export class RowBlock<T extends Float32Array | Int8Array> {
  readonly dimension: number;
  readonly #make: (length: number) => T;
  #values: T;
  #count = 0;

  constructor(dimension: number, make: (length: number) => T) {
    this.dimension = dimension;
    this.#make = make;
    this.#values = make(firstCapacity * dimension);
  }

  get count(): number {
    return this.#count;
  }

  /** All rows and the unused part behind them, from the start of the buffer. */
  get values(): T {
    return this.#values;
  }

  /** The rows alone. */
  get used(): T {
    return this.#values.subarray(0, this.#count * this.dimension) as T;
  }

  push(row: ArrayLike<number>): void {
    const at = this.#count * this.dimension;
    if (at === this.#values.length) {
      const larger = this.#make(this.#values.length * 2);
      larger.set(this.#values);
      this.#values.fill(0);
      this.#values = larger;
    }
    this.#values.set(row, at);
    this.#count++;
  }

  remove(row: number): void {
    const { dimension } = this;
    this.#count--;
    const end = this.#count * dimension;
    this.#values.copyWithin(row * dimension, end, end + dimension);
    this.#values.fill(0, end, end + dimension);
  }
}
