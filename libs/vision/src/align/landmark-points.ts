/** Where features stand among the 68 points (iBUG 300-W order; right and left are the person's). */
export const landmarkRanges = {
  rightEye: [36, 42],
  leftEye: [42, 48],
  noseTip: [30, 31],
  mouthCorners: [48, 49, 54, 55],
} as const;

/** Number of points. */
export const LANDMARK_COUNT = 68;

/** Mean of the points in `[from, to)` pairs of indices. */
export function meanPoint(landmarks: ArrayLike<number>, ranges: readonly number[]): [x: number, y: number] {
  let [x, y, count] = [0, 0, 0];
  for (let range = 0; range < ranges.length; range += 2) {
    for (let point = ranges[range] ?? 0; point < (ranges[range + 1] ?? 0); point++, count++) {
      x += landmarks[2 * point] ?? 0;
      y += landmarks[2 * point + 1] ?? 0;
    }
  }
  return [x / count, y / count];
}
