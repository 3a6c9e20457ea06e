import { type EncodingRows, type NearRows, RowBlock } from './encoding-rows.ts';
import type { NativeSearch } from './exact-search.ts';
import { beyond } from './float-rows.ts';

const largest = 127;
/** A row that does not fit makes room for a quarter more, so that the rows are rounded anew only a few times. */
const growth = 1.25;

/**
 * Encodings rounded to 8 bits, with one scale for all: a quarter of the memory. Distances are those of the unrounded probe to
 * the rounded rows, in double precision.
 */
export class Int8Rows implements EncodingRows {
  readonly #block: RowBlock<Int8Array>;
  readonly #error: number;
  /** Value of one step; 0 while all values are zero. */
  #scale = 0;

  constructor(dimension: number) {
    this.#block = new RowBlock(dimension, (length) => new Int8Array(length));
    this.#error = (dimension + 3) * 2 ** -23;
  }

  get count(): number {
    return this.#block.count;
  }

  get byteLength(): number {
    return this.#block.values.byteLength;
  }

  push(values: Float32Array): void {
    const extreme = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    if (extreme > this.#scale * largest) this.#rescale((extreme / largest) * growth);
    this.#block.push(this.#rounded(values));
  }

  remove(row: number): void {
    this.#block.remove(row);
  }

  squaredDistance(row: number, probe: Float32Array): number {
    const { values, dimension } = this.#block;
    const scale = this.#scale;
    let sum = 0;
    for (let i = 0, at = row * dimension; i < dimension; i++, at++) {
      const difference = (values[at] as number) * scale - (probe[i] as number);
      sum += difference * difference;
    }
    return sum;
  }

  near(search: NativeSearch, probe: Float32Array, count: number): NearRows {
    const rounded = this.#rounded(probe);
    const { rows, squared } = search(this.#block.used, rounded, this.#block.dimension, count);
    // By the triangle inequality: a row is nearer to the probe than to the rounded one by their distance at most.
    const shift = Math.sqrt(
      probe.reduce((sum, value, i) => sum + (value - (rounded[i] as number) * this.#scale) ** 2, 0),
    );
    return { rows, othersBeyond: beyond(squared, this.#error) * this.#scale - shift };
  }

  #rounded(values: Float32Array): Int8Array {
    const rounded = new Int8Array(values.length);
    if (this.#scale === 0) return rounded;
    for (const [i, value] of values.entries()) {
      rounded[i] = Math.max(-largest, Math.min(largest, Math.round(value / this.#scale)));
    }
    return rounded;
  }

  #rescale(scale: number): void {
    const { used } = this.#block;
    const ratio = this.#scale / scale;
    for (const [i, value] of used.entries()) used[i] = Math.round(value * ratio);
    this.#scale = scale;
  }
}
