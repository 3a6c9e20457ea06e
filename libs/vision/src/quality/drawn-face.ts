import type { RgbImage } from '@latchkey/domain';
import { AVERAGE_HEAD } from './head-pose.ts';

/** How a face is drawn. */
export interface DrawnFaceOptions {
  /** Distance between the eyes in pixels. Default 40. */
  readonly eyesPx?: number;
  /** Deviation of a Gaussian blur in pixels. Default 0.6, about what a lens does. */
  readonly blur?: number;
  /** Factor on all grey values. Default 1. */
  readonly light?: number;
  /** Turned about the neck in degrees: what is drawn is foreshortened, and the points with it. Default 0. */
  readonly yaw?: number;
  /** Moves the face to the left by so many distances between the eyes, over the picture's edge. Default 0. */
  readonly left?: number;
  /** Covers a place, in distances between the eyes right of and below the middle of the eyes. */
  readonly covered?: (across: number, down: number) => boolean;
}

/** A drawn face for tests that may not need anybody's photograph: the picture, and its five points. */
export function drawnFace(options: DrawnFaceOptions = {}): { readonly image: RgbImage; readonly points: Float32Array } {
  const { eyesPx = 40, blur = 0.6, light = 1, yaw = 0, left = 0, covered = () => false } = options;
  const width = Math.round(eyesPx * 4);
  const height = Math.round(eyesPx * 4.5);
  const middle = { x: width / 2 - left * eyesPx, y: eyesPx * 1.5 };
  const turn = (yaw * Math.PI) / 180;
  const grey = new Float32Array(width * height);
  for (let i = 0; i < grey.length; i++) {
    const across = ((i % width) + 0.5 - middle.x) / eyesPx / Math.cos(turn);
    const down = (Math.floor(i / width) + 0.5 - middle.y) / eyesPx;
    grey[i] = light * (covered(across, down) ? 90 : greyAt(across, down));
  }
  const soft = blurred(blurred(grey, width, 1, blur), width, width, blur);
  const data = Uint8Array.from({ length: 3 * grey.length }, (_, i) => Math.min(255, soft[Math.floor(i / 3)] ?? 0));
  const points = AVERAGE_HEAD.flatMap(([across, down, towards]) => [
    middle.x + eyesPx * (across * Math.cos(turn) + towards * Math.sin(turn)),
    middle.y + eyesPx * down,
  ]);
  return { image: { width, height, data }, points: Float32Array.from(points) };
}

/** A Gaussian blur along rows (`step` 1) or columns (`step` the width); what lies outside is as the nearest pixel. */
function blurred(grey: Float32Array, width: number, step: number, deviation: number): Float32Array {
  const reach = Math.ceil(3 * deviation);
  const weights = Float64Array.from({ length: 2 * reach + 1 }, (_, k) =>
    Math.exp(-((k - reach) ** 2) / (2 * deviation ** 2)),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const last = step === 1 ? width - 1 : grey.length / width - 1;
  return grey.map((_, i) => {
    const place = step === 1 ? i % width : Math.floor(i / width);
    let sum = 0;
    for (let k = -reach; k <= reach; k++) {
      const clamped = Math.min(Math.max(place + k, 0), last);
      sum += (weights[k + reach] ?? 0) * (grey[i + (clamped - place) * step] ?? 0);
    }
    return sum / total;
  });
}

/** Skin with brows, eyes, a nose and lips, before a dark wall. */
function greyAt(across: number, down: number): number {
  const inside = (x: number, y: number, halfWidth: number, halfHeight: number): boolean =>
    ((across - x) / halfWidth) ** 2 + ((down - y) / halfHeight) ** 2 < 1;
  const side = Math.sign(across) * 0.5;
  if (!inside(0, 0.6, 1.05, 1.45)) return 60;
  if (inside(side, 0, 0.08, 0.08)) return 30;
  if (inside(side, 0, 0.22, 0.1)) return 215;
  if (inside(side, -0.02, 0.26, 0.14)) return 90;
  if (inside(side, -0.3, 0.3, 0.06)) return 60;
  if (inside(0, 1.12, 0.36, 0.02)) return 40;
  if (inside(0, 1.13, 0.4, 0.13)) return 110;
  if (inside(0, 0.68, 0.2, 0.04)) return 100;
  return 210 - 90 * Math.abs(across);
}
