/**
 * Whether there is neither NaN nor infinity among the values. Zero times such a value is NaN, and so is every sum with
 * it; four sums are faster than one, whose additions would wait for each other.
 */
export function allFinite(data: Float32Array): boolean {
  let [a, b, c, d] = [0, 0, 0, 0];
  const rest = data.length & 3;
  const end = data.length - rest;
  for (let i = 0; i < end; i += 4) {
    a += 0 * (data[i] as number);
    b += 0 * (data[i + 1] as number);
    c += 0 * (data[i + 2] as number);
    d += 0 * (data[i + 3] as number);
  }
  for (let i = end; i < data.length; i++) a += 0 * (data[i] as number);
  return a + b + c + d === 0;
}
