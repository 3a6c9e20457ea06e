import { dimension } from './search-data.ts';

/** What one would write first: a Map from id to encoding, and the nearest of its entries. */
export function nearestOfMap(encodings: ReadonlyMap<string, Float32Array>, probe: Float32Array): string {
  let best = '';
  let bestSquared = Number.POSITIVE_INFINITY;
  for (const [id, values] of encodings) {
    let squared = 0;
    for (let i = 0; i < dimension; i++) squared += ((values[i] as number) - (probe[i] as number)) ** 2;
    if (squared < bestSquared) {
      bestSquared = squared;
      best = id;
    }
  }
  return best;
}

/** The nearest row of one block, by a loop over all of it. */
export function nearestOfBlock(rows: Float32Array, probe: Float32Array): number {
  let best = -1;
  let bestSquared = Number.POSITIVE_INFINITY;
  for (let row = 0, at = 0; at < rows.length; row++) {
    let squared = 0;
    for (let i = 0; i < dimension; i++, at++) {
      const difference = (rows[at] as number) - (probe[i] as number);
      squared += difference * difference;
    }
    if (squared < bestSquared) {
      bestSquared = squared;
      best = row;
    }
  }
  return best;
}

/** The reference: the nearest row in double precision; a row is left as soon as it is farther than the best. */
export function referenceNearest(rows: Float32Array, probe: Float32Array): number {
  let best = -1;
  let bestSquared = Number.POSITIVE_INFINITY;
  for (let row = 0; row * dimension < rows.length; row++) {
    let squared = 0;
    let at = row * dimension;
    for (let i = 0; i < dimension && squared < bestSquared; ) {
      for (const end = i + 32; i < end; i++, at++) {
        const difference = (rows[at] as number) - (probe[i] as number);
        squared += difference * difference;
      }
    }
    if (squared < bestSquared) {
      bestSquared = squared;
      best = row;
    }
  }
  return best;
}
