import { type EncodingRows, type NearRows, RowBlock } from './encoding-rows.ts';
import type { NativeSearch } from './exact-search.ts';

/** Encodings as they are: 4 bytes a value. */
export class FloatRows implements EncodingRows {
  readonly #block: RowBlock<Float32Array>;
  /** Largest relative error of a squared distance that is summed in single precision: each step rounds once. */
  readonly #error: number;

  constructor(dimension: number) {
    this.#block = new RowBlock(dimension, (length) => new Float32Array(length));
    this.#error = (dimension + 3) * 2 ** -23;
  }

  get count(): number {
    return this.#block.count;
  }

  get byteLength(): number {
    return this.#block.values.byteLength;
  }

  push(values: Float32Array): void {
    this.#block.push(values);
  }

  remove(row: number): void {
    this.#block.remove(row);
  }

  squaredDistance(row: number, probe: Float32Array): number {
    const { values, dimension } = this.#block;
    let sum = 0;
    for (let i = 0, at = row * dimension; i < dimension; i++, at++) {
      const difference = (values[at] as number) - (probe[i] as number);
      sum += difference * difference;
    }
    return sum;
  }

  near(search: NativeSearch, probe: Float32Array, count: number): NearRows {
    const { rows, squared } = search(this.#block.used, probe, this.#block.dimension, count);
    return { rows, othersBeyond: beyond(squared, this.#error) };
  }
}

/** Below that squares lose digits in single precision. */
const smallestSquare = 1e-36;

/**
 * How far all rows are at least that a native search has not given.
 * @param squared what it gave, nearest first, with a relative error of at most `error`.
 */
export function beyond(squared: ArrayLike<number>, error: number): number {
  const farthest = squared[squared.length - 1] ?? Number.NaN;
  const certain = farthest / (1 + error) - smallestSquare;
  // Infinity: larger than single precision holds, so nothing is known of the order.
  return certain > 0 && Number.isFinite(farthest) ? Math.sqrt(certain) : -1;
}
