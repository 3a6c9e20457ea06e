import type { ScoredBox } from '../networks/scored-box.ts';
import { decodeSsd } from '../networks/ssd-mobilenet/decode.ts';
import { SSD_INPUT_PX } from '../networks/ssd-mobilenet/network.ts';
import { decodeTinyFace } from '../networks/tiny-face/decode.ts';
import { TINY_FACE_INPUT_PX } from '../networks/tiny-face/network.ts';
import type { DetectedFace } from './detect-faces.ts';
import { squareAround } from './face-square.ts';
import { type ScanningNetwork, squareWindow } from './scanning-detector.ts';
import { suppressOverlaps } from './suppress-overlaps.ts';

/** From which score a box is a face, and from which overlap two boxes are one (`weights/manifest.json`). */
export interface DetectionLimits {
  readonly minScore: number;
  readonly maxOverlap: number;
}

/** face-api's SSD MobileNet as a detector. */
export function ssdScan({ minScore, maxOverlap }: DetectionLimits): ScanningNetwork {
  return {
    name: 'ssd-mobilenet',
    givesFivePoints: false,
    windowOf: squareWindow(SSD_INPUT_PX),
    pixels: { mean: [127.5, 127.5, 127.5], factor: 1 / 127.5 },
    faceHeight: 1.08,
    // On lfw-dev it finds most faces of 40 … 190 px of its 512, fewer of 28 … 36 px, and few of those that fill it.
    limits: { margin: 0.75, smallestInWhole: 40 / SSD_INPUT_PX, smallestInTiles: 40 / SSD_INPUT_PX, step: 2 },
    minScore,
    minScoreInTiles: minScore,
    decode: (outputs, score) => suppressOverlaps(decodeSsd(outputs, 0, score), maxOverlap).map(withoutPoints),
    describe: (face) => describeBox(face, 1.065, 0.094),
  };
}

/** face-api's tiny face detector. */
export function tinyFaceScan({ minScore, maxOverlap }: DetectionLimits): ScanningNetwork {
  return {
    name: 'tiny-face',
    givesFivePoints: false,
    windowOf: squareWindow(TINY_FACE_INPUT_PX),
    // face-api's mean colour, in its order.
    pixels: { mean: [117.001, 114.697, 97.404], factor: 1 / 255 },
    faceHeight: 1.02,
    // On lfw-dev it finds the faces of 40 … 150 px of its 320, hardly any smaller ones, and half of those of 220 px.
    limits: {
      margin: 0.6,
      smallestInWhole: 40 / TINY_FACE_INPUT_PX,
      smallestInTiles: 40 / TINY_FACE_INPUT_PX,
      step: 2,
    },
    minScore,
    minScoreInTiles: minScore,
    decode: (outputs, score) => suppressOverlaps(decodeTinyFace(outputs, 0, score), maxOverlap).map(withoutPoints),
    describe: (face) => describeBox(face, 1, -0.034),
  };
}

const withoutPoints = (box: ScoredBox) => ({ ...box, points: new Float32Array() });

/** With the square where BlazeFace's lies (lfw-dev). */
function describeBox(face: ScoredBox, size: number, down: number): DetectedFace {
  const { x, y, width, height, score } = face;
  return { x, y, width, height, score, square: squareAround(face, size, down), fivePoints: null, features: null };
}
