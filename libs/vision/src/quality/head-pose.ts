/** How a head is turned, in degrees. */
export interface HeadPose {
  /** Positive when the nose points to the picture's right. */
  readonly yaw: number;
  /** Positive when looking up. */
  readonly pitch: number;
  /** Positive when tilted clockwise in the picture. */
  readonly roll: number;
}

/**
 * Right eye, left eye, nose tip and corners of the mouth of an upright head that looks into the camera: right, down and
 * towards the camera, in distances between the eyes. Across and down as the template of aligned faces
 * (`five-points.ts`); depth as MediaPipe's canonical face model.
 */
export const AVERAGE_HEAD = [
  [-0.5, 0, 0],
  [0.5, 0, 0],
  [0, 0.585, 0.63],
  [-0.405, 1.13, 0.1],
  [0.405, 1.13, 0.1],
] as const;

type Triple = readonly [number, number, number];

/** Maps picture coordinates of the five points to the rows of an affine camera. */
const CAMERA = affineSolver();

/**
 * Head pose by a scaled orthographic camera: the affine map that takes an average head to the five points (least
 * squares), brought to the nearest rotation. Heads differ from the average: held to MediaPipe's face mesh on 423 faces
 * the angles correlate by .985 (yaw), .87 (pitch) and .97 (roll); see `docs/quality.md`.
 * @param points x, y of right eye, left eye, nose tip, right and left corner of the mouth in picture pixels.
 * @returns the pose, and how far apart the eyes would be in picture pixels if the face looked into the camera. All 90 and 0
 * when the points lie on one line, which no face's do.
 */
export function headPose(points: ArrayLike<number>): { readonly pose: HeadPose; readonly eyesPx: number } {
  const across = rowOf(points, 0);
  const down = rowOf(points, 1);
  // (M Mᵀ)^(−1/2) M is the pair of orthonormal rows nearest to M; the root of a 2 × 2 matrix in closed form.
  const [p, q, r] = [dot(across, across), dot(across, down), dot(down, down)];
  const root = Math.sqrt(Math.max(p * r - q * q, 0));
  if (!(root > 0)) return { pose: { yaw: 90, pitch: 90, roll: 90 }, eyesPx: 0 };
  const trace = Math.sqrt(p + r + 2 * root);
  const [a, b, d] = [(p + root) / trace, q / trace, (r + root) / trace];
  const first = combine(across, d / root, down, -b / root);
  const second = combine(across, -b / root, down, a / root);
  const ahead = cross(first, second);
  const roll = Math.atan2(second[0], first[0]);
  // Where the nose points, in the picture turned upright.
  const right = first[2] * Math.cos(roll) + second[2] * Math.sin(roll);
  const below = second[2] * Math.cos(roll) - first[2] * Math.sin(roll);
  const degrees = 180 / Math.PI;
  const pose = {
    yaw: Math.atan2(right, ahead[2]) * degrees,
    pitch: -Math.asin(Math.min(Math.max(below, -1), 1)) * degrees,
    roll: roll * degrees,
  };
  return { pose, eyesPx: trace / 2 };
}

function rowOf(points: ArrayLike<number>, axis: 0 | 1): Triple {
  return CAMERA.reduce<Triple>((row, column, i) => combine(row, 1, column, points[2 * i + axis] ?? 0), [0, 0, 0]);
}

/** Pseudo-inverse of the head's points about their mean: one triple per point. */
function affineSolver(): readonly Triple[] {
  const mean = AVERAGE_HEAD.reduce<Triple>((sum, point) => combine(sum, 1, point, 1 / AVERAGE_HEAD.length), [0, 0, 0]);
  const points = AVERAGE_HEAD.map((point) => combine(point, 1, mean, -1));
  const column = (k: number): number[] => points.map((point) => point[k] ?? 0);
  const moment = (i: number, k: number): number => column(i).reduce((sum, v, n) => sum + v * (column(k)[n] ?? 0), 0);
  const rows = [0, 1, 2].map((i): Triple => [moment(i, 0), moment(i, 1), moment(i, 2)]);
  const [x, y, z] = rows as [Triple, Triple, Triple];
  const determinant = dot(x, cross(y, z));
  const inverse = [cross(y, z), cross(z, x), cross(x, y)].map((row) => combine(row, 1 / determinant, row, 0));
  return points.map((point) => inverse.reduce<Triple>((sum, row, k) => combine(sum, 1, row, point[k] ?? 0), [0, 0, 0]));
}

function combine(a: Triple, scaleA: number, b: Triple, scaleB: number): Triple {
  return [scaleA * a[0] + scaleB * b[0], scaleA * a[1] + scaleB * b[1], scaleA * a[2] + scaleB * b[2]];
}

function dot(a: Triple, b: Triple): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function cross(a: Triple, b: Triple): Triple {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}
