/** 0 at `low` and below, 100 at `high` and above, in whole numbers. */
export function ramp(value: number, low: number, high: number): number {
  // NaN is the worst that can be measured.
  return Math.round(100 * Math.min(Math.max((value - low) / (high - low), 0), 1)) || 0;
}
