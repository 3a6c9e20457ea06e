/**
 * Whether there is neither NaN nor infinity among the values. Each of them stays in any sum, and finite values of single
 * precision never add up to more than double precision holds. Four sums are faster than one, whose additions would wait for
 * each other.
 */
export function allFinite(data: Float32Array): boolean {
  let [a, b, c, d] = [0, 0, 0, 0];
  const rest = data.length & 3;
  const end = data.length - rest;
  for (let i = 0; i < end; i += 4) {
    a += data[i] as number;
    b += data[i + 1] as number;
    c += data[i + 2] as number;
    d += data[i + 3] as number;
  }
  for (let i = end; i < data.length; i++) a += data[i] as number;
  return Number.isFinite(a + b + c + d);
}
