import { LatchkeyError } from '@latchkey/domain';

/** One dimension of a tensor; `'batch'` is the number of inputs that are run at once and always stands first. */
export type Dim = number | 'batch';

/** Dimensions of a tensor, outermost first. Pictures are `[batch, channels, height, width]`. */
export type Shape = readonly Dim[];

/** A shape as people read it: `[batch, 3, 150, 150]`. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** Product of the known dimensions; a batch counts once. */
export function sizeOf(shape: Shape): number {
  return shape.reduce<number>((size, dim) => size * (dim === 'batch' ? 1 : dim), 1);
}

/** Whether a concrete shape is one of those that `expected` stands for. */
export function matchesShape(actual: readonly number[], expected: Shape): boolean {
  return (
    actual.length === expected.length &&
    expected.every((dim, i) => (dim === 'batch' ? (actual[i] ?? 0) >= 1 : dim === actual[i]))
  );
}

/** The dimension at `axis` as a number. @throws LatchkeyError `shape-mismatch` when it is absent or the batch. */
export function fixedDim(shape: Shape, axis: number): number {
  const dim = shape[axis];
  if (typeof dim !== 'number') {
    throw new LatchkeyError('shape-mismatch', `${formatShape(shape)} has no fixed dimension ${axis}.`);
  }
  return dim;
}
