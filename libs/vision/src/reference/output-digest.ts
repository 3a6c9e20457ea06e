/** What is kept of one output: enough to notice any change of a network, short enough to be read. */
export interface OutputDigest {
  readonly shape: readonly number[];
  /** Largest absolute value. */
  readonly largest: number;
  /** Euclidean length of all values. */
  readonly norm: number;
  /** Values that are spread evenly over the output. */
  readonly samples: readonly number[];
}

/** How many values a digest keeps; of a smaller output all. */
const SAMPLES = 16;

/** Digits that are kept: one more than single precision carries. */
const DIGITS = 8;

/** Shape, length and evenly spread values of an output. */
export function digestOf(shape: readonly number[], data: ArrayLike<number>): OutputDigest {
  const count = Math.min(SAMPLES, data.length);
  let [squares, largest] = [0, 0];
  for (let i = 0; i < data.length; i++) {
    squares += (data[i] ?? 0) ** 2;
    largest = Math.max(largest, Math.abs(data[i] ?? 0));
  }
  const short = (value: number): number => Number(value.toPrecision(DIGITS));
  const at = (i: number): number => data[Math.floor(((i + 0.5) * data.length) / count)] ?? 0;
  return {
    shape,
    largest: short(largest),
    norm: short(Math.sqrt(squares)),
    samples: Array.from({ length: count }, (_, i) => short(at(i))),
  };
}
