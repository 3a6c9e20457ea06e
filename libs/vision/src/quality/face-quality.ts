import type { FaceQuality, QualityComponents, QualityReason } from '@latchkey/domain';
import { fivePointsToPicture } from '../align/five-points.ts';
import type { ImagePyramid } from '../image/image-pyramid.ts';
import { transformPoint } from '../image/warp.ts';
import { faceAreas } from './face-geometry.ts';
import { areaIn, type ChipArea, type GreyChip, greyChip, statisticsOf } from './grey-chip.ts';
import { type HeadPose, headPose } from './head-pose.ts';
import { visibility } from './occlusion.ts';
import { ramp } from './ramp.ts';

/** From this quality of a component on it is no reason to complain. */
const GOOD = 50;

/** Distance between the eyes as a share of the side of an aligned face (`five-points.ts`). */
const EYES_SHARE = 0.3146;
/** Side of the chip for light and cover: 20 pixels between the eyes. */
const COARSE_SIDE = 64;
/** Bounds of the side of the chip for sharpness; 40 pixels between the eyes at most. */
const FINE_SIDE = { min: 48, max: 128 } as const;

/**
 * Judges a face after the components of ISO/IEC 29794-5. The scales are set so that nearly all of lfw-dev is good, and
 * the same pictures blurred, darkened, shrunk, turned or covered are not; see `docs/quality.md`. Landmarks are not
 * needed: every detector's faces are judged alike.
 * @param points x, y of right eye, left eye, nose tip, right and left corner of the mouth in picture pixels.
 */
export function assessFace(pyramid: ImagePyramid, points: ArrayLike<number>): FaceQuality {
  const { pose, eyesPx } = headPose(points);
  const toPicture = fivePointsToPicture(points, COARSE_SIDE);
  const areas = faceAreas(points, toPicture, COARSE_SIDE * EYES_SHARE);
  const coarse = greyChip(pyramid, toPicture, COARSE_SIDE, Object.values(areas));
  const { mean, deviation } = statisticsOf(coarse, areas.face);
  const light = {
    'too-dark': ramp(mean, 18, 62),
    'too-bright': ramp(-mean, -248, -205),
    // Against the brightness, so that a dark face is dark and not flat as well.
    'low-contrast': ramp(deviation / (mean + 10), 0.03, 0.14),
  };
  const components: QualityComponents = {
    sharpness: ramp(sharpnessOf(pyramid, points, eyesPx), 0.6, 4),
    exposure: Math.min(...Object.values(light)),
    pose: poseQuality(pose),
    size: ramp(eyesPx, 10, 36),
    occlusion: visibility(coarse, areas),
    framing: ramp(visibleShare(pyramid, points), 0.75, 0.97),
  };
  const reasons: QualityReason[] = [];
  const complain = (quality: number, reason: QualityReason): unknown => quality < GOOD && reasons.push(reason);
  complain(components.size, 'too-small');
  complain(components.sharpness, 'blurred');
  for (const reason of ['too-dark', 'too-bright', 'low-contrast'] as const) complain(light[reason], reason);
  complain(components.pose, 'turned-away');
  complain(components.occlusion, 'covered');
  complain(components.framing, 'cut-off');
  return {
    score: overall(components),
    components,
    measures: {
      interEyePx: eyesPx,
      yawDegrees: pose.yaw,
      pitchDegrees: pose.pitch,
      rollDegrees: pose.roll,
      brightness: mean,
    },
    reasons,
  };
}

/** A covered face still tells much of who it is: a mask or sunglasses alone do not make it useless. */
const COVERED_FLOOR = 20;

/** The worst component counts most: a face is as useless as its worst fault. */
function overall(components: QualityComponents): number {
  const occlusion = COVERED_FLOOR + (1 - COVERED_FLOOR / 100) * components.occlusion;
  const all = Object.values({ ...components, occlusion }) as number[];
  const average = all.reduce((sum, part) => sum + part, 0) / all.length;
  return Math.round(0.7 * Math.min(...all) + 0.3 * average);
}

/** Encoders turn a tilted face upright, so tilt counts little; they cannot turn a profile to the front. */
function poseQuality({ yaw, pitch, roll }: HeadPose): number {
  return Math.min(ramp(-Math.abs(yaw), -50, -12), ramp(-Math.abs(pitch), -45, -18), ramp(-Math.abs(roll), -75, -25));
}

/**
 * Deviation of the Laplacian, relative to the face's contrast: blur lowers it, darkness does not. In percent. The chip
 * is no finer than the picture, so that a small face is judged by the pixels that it has.
 */
function sharpnessOf(pyramid: ImagePyramid, points: ArrayLike<number>, eyesPx: number): number {
  const side = Math.min(Math.max(Math.round(eyesPx / EYES_SHARE), FINE_SIDE.min), FINE_SIDE.max);
  const toPicture = fivePointsToPicture(points, side);
  const { face } = faceAreas(points, toPicture, side * EYES_SHARE);
  const chip = greyChip(pyramid, toPicture, side, [face]);
  return (laplacianIn(chip, face) / Math.max(statisticsOf(chip, face).deviation, 8)) * 20;
}

function laplacianIn(chip: GreyChip, area: ChipArea): number {
  const { data } = chip;
  const { left, right, top, bottom, stride, count } = areaIn(chip, area);
  let squares = 0;
  for (let y = top; y < bottom; y++) {
    for (let i = y * stride + left; i < y * stride + right; i++) {
      const around =
        (data[i - 1] as number) + (data[i + 1] as number) + (data[i - stride] as number) + (data[i + stride] as number);
      const value = 4 * (data[i] as number) - around;
      squares += value * value;
    }
  }
  return count > 0 ? Math.sqrt(squares / count) : 0;
}

/** The oval of a face about the middle of an aligned chip, in sides: brows to chin, cheek to cheek. */
const OVAL = { x: 0.5, y: 0.62, halfWidth: 0.3, halfHeight: 0.48 } as const;
/** Places of the oval that are looked at, across and down. */
const OVAL_STEPS = 15;

/** Share of the face's oval that lies within the picture. */
function visibleShare(pyramid: ImagePyramid, points: ArrayLike<number>): number {
  const { width, height } = pyramid.image;
  const toPicture = fivePointsToPicture(points, 1);
  let [inside, all] = [0, 0];
  for (let row = 0; row < OVAL_STEPS; row++) {
    for (let column = 0; column < OVAL_STEPS; column++) {
      const u = ((column + 0.5) / OVAL_STEPS) * 2 - 1;
      const v = ((row + 0.5) / OVAL_STEPS) * 2 - 1;
      if (u * u + v * v > 1) continue;
      const [x, y] = transformPoint(toPicture, OVAL.x + u * OVAL.halfWidth, OVAL.y + v * OVAL.halfHeight);
      all++;
      if (x >= 0 && y >= 0 && x < width && y < height) inside++;
    }
  }
  return inside / all;
}
