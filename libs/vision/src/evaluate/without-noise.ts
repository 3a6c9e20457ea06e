/**
 * A rate without the last digits that sums of fractions leave behind: 0.99, not 0.9899999999999999, which somebody would find
 * to be below a goal of 0.99.
 */
export function withoutNoise(rate: number): number {
  return Number(rate.toFixed(12));
}
