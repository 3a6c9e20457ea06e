/**
 * Evenly spread numbers, 0 ≤ x < 1, that look like chance and are the same in every run (mulberry32 by Tommy Ettinger): for
 * shuffling, made weights and made probes, never for secrets.
 */
export function mulberry32(seed: number): () => number {
  const { imul } = Math;
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
