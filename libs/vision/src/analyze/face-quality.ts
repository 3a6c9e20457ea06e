import type { FaceQuality, QualityReason } from './face-analyzer.ts';
import type { LocatedFace } from './face-encoder.ts';

/** From this quality of a part on it is no reason to complain. */
const GOOD = 50;

/** Grey values 0 … 255 of an upright, aligned face, `side · side`. */
export interface GreyChip {
  readonly side: number;
  readonly data: Float32Array;
}

/**
 * Judges a face by its aligned chip and where its features are. The scales are set so that nearly all of lfw-dev is good and the
 * same pictures blurred, darkened or shrunk are not.
 */
export function assessFace(
  chip: GreyChip,
  { points, landmarks }: LocatedFace,
  picture: { readonly width: number; readonly height: number },
): FaceQuality {
  const interEyePx = eyeDistance(points);
  const size = ramp(interEyePx, 10, 36);
  const sharpness = ramp(sharpnessOf(chip), 0.6, 4);
  const { mean, deviation } = centreStatistics(chip);
  const dark = ramp(mean, 18, 62);
  const bright = ramp(-mean, -248, -205);
  const contrast = ramp(deviation, 5, 24);
  const exposure = Math.min(dark, bright, contrast);
  const pose = poseOf(points);
  const visible = ramp(visibleShare(landmarks ?? points, picture), 0.75, 0.97);

  const reasons: QualityReason[] = [];
  if (size < GOOD) reasons.push('too-small');
  if (sharpness < GOOD) reasons.push('blurred');
  if (dark < GOOD) reasons.push('too-dark');
  if (bright < GOOD) reasons.push('too-bright');
  if (contrast < GOOD) reasons.push('low-contrast');
  if (pose < GOOD) reasons.push('turned-away');
  if (visible < GOOD) reasons.push('cut-off');

  const parts = [size, sharpness, exposure, pose, visible];
  const worst = Math.min(...parts);
  const average = parts.reduce((sum, part) => sum + part, 0) / parts.length;
  return { score: Math.round(0.7 * worst + 0.3 * average), sharpness, exposure, pose, interEyePx, reasons };
}

/** 0 at `low` and below, 100 at `high` and above. */
function ramp(value: number, low: number, high: number): number {
  return Math.round(100 * Math.min(Math.max((value - low) / (high - low), 0), 1));
}

/** Share of the points that lie within the picture. */
function visibleShare(points: Float32Array, { width, height }: { width: number; height: number }): number {
  let inside = 0;
  for (let i = 0; i < points.length; i += 2) {
    const [x, y] = [points[i] ?? 0, points[i + 1] ?? 0];
    if (x >= 0 && y >= 0 && x < width && y < height) inside++;
  }
  return inside / (points.length / 2);
}

function eyeDistance([rightX = 0, rightY = 0, leftX = 0, leftY = 0]: Float32Array): number {
  return Math.hypot(leftX - rightX, leftY - rightY);
}

/** The chip's middle, which holds the face: rows and columns from a fifth to four fifths. */
function* centre({ side }: GreyChip): Generator<number> {
  const from = Math.floor(side * 0.2);
  const to = Math.ceil(side * 0.8);
  for (let y = from; y < to; y++) for (let x = from; x < to; x++) yield y * side + x;
}

function centreStatistics(chip: GreyChip): { mean: number; deviation: number } {
  let [sum, squares, count] = [0, 0, 0];
  for (const i of centre(chip)) {
    const value = chip.data[i] ?? 0;
    sum += value;
    squares += value * value;
    count++;
  }
  const mean = sum / count;
  return { mean, deviation: Math.sqrt(Math.max(squares / count - mean * mean, 0)) };
}

/** Mean deviation of the Laplacian, relative to the face's contrast: blur lowers it, darkness does not. In percent. */
function sharpnessOf(chip: GreyChip): number {
  const { side, data } = chip;
  let [squares, count] = [0, 0];
  for (const i of centre(chip)) {
    const around = (data[i - 1] ?? 0) + (data[i + 1] ?? 0) + (data[i - side] ?? 0) + (data[i + side] ?? 0);
    squares += (4 * (data[i] ?? 0) - around) ** 2;
    count++;
  }
  return (Math.sqrt(squares / count) / Math.max(centreStatistics(chip).deviation, 8)) * 20;
}

/**
 * How frontal the face is: where the nose's tip stands between the outer corners of the eyes (yaw) and between the
 * lines of eyes and mouth (pitch). A frontal face has it in the middle and at about 0.6.
 */
function poseOf(points: Float32Array): number {
  const point = (i: number): [number, number] => [points[2 * i] ?? 0, points[2 * i + 1] ?? 0];
  const [right, left, nose] = [point(0), point(1), point(2)];
  const mouth = [(point(3)[0] + point(4)[0]) / 2, (point(3)[1] + point(4)[1]) / 2] as const;
  const eyes = Math.hypot(left[0] - right[0], left[1] - right[1]);
  if (eyes === 0) return 0;
  const [cos, sin] = [(left[0] - right[0]) / eyes, (left[1] - right[1]) / eyes];
  const middle = [(left[0] + right[0]) / 2, (left[1] + right[1]) / 2] as const;
  const along = (point: readonly [number, number]): number =>
    (point[0] - middle[0]) * cos + (point[1] - middle[1]) * sin;
  const down = (point: readonly [number, number]): number =>
    (point[1] - middle[1]) * cos - (point[0] - middle[0]) * sin;
  const yaw = Math.abs(along(nose)) / eyes;
  const toMouth = down(mouth);
  if (toMouth <= 0) return 0;
  const pitch = Math.abs(down(nose) / toMouth - 0.6);
  return Math.min(ramp(-yaw, -0.55, -0.12), ramp(-pitch, -0.42, -0.14), ramp(toMouth / eyes, 0.35, 0.7));
}
