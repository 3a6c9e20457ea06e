/** An inclusive range of sequence numbers, `from` ≤ `to`. */
export type SequenceRange = readonly [from: number, to: number];

/** The smallest ascending list of ranges that holds exactly these numbers; duplicates and order do not matter. */
export function toRanges(sequences: Iterable<number>): SequenceRange[] {
  const sorted = [...new Set(sequences)].sort((a, b) => a - b);
  const ranges: [number, number][] = [];
  for (const seq of sorted) {
    const last = ranges.at(-1);
    if (last && last[1] + 1 === seq) last[1] = seq;
    else ranges.push([seq, seq]);
  }
  return ranges;
}

/** Whether a number lies in one of the ranges. */
export function inRanges(ranges: readonly SequenceRange[], seq: number): boolean {
  return ranges.some(([from, to]) => from <= seq && seq <= to);
}
