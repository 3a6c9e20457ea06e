import type { ScoredBox } from '../networks/scored-box.ts';
import { decodeSsd } from '../networks/ssd-mobilenet/decode.ts';
import { SSD_INPUT_PX } from '../networks/ssd-mobilenet/network.ts';
import { decodeTinyFace } from '../networks/tiny-face/decode.ts';
import { TINY_FACE_INPUT_PX } from '../networks/tiny-face/network.ts';
import type { DetectedFace } from './detect-faces.ts';
import { squareAround } from './face-square.ts';
import type { ScanningNetwork } from './scanning-detector.ts';
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
    inputPx: SSD_INPUT_PX,
    pixels: { mean: [127.5, 127.5, 127.5], factor: 1 / 127.5 },
    channels: 'rgb',
    limits: { margin: 0.25, smallestShare: 20 / SSD_INPUT_PX },
    minScore,
    minScoreInTiles: minScore,
    decode: (outputs, score) => suppressOverlaps(decodeSsd(outputs, 0, score), maxOverlap).map(withoutPoints),
    describe: (face) => describeBox(face, 1.2),
  };
}

/** face-api's tiny face detector. */
export function tinyFaceScan({ minScore, maxOverlap }: DetectionLimits): ScanningNetwork {
  return {
    name: 'tiny-face',
    givesFivePoints: false,
    inputPx: TINY_FACE_INPUT_PX,
    // face-api's mean colour, in its order.
    pixels: { mean: [117.001, 114.697, 97.404], factor: 1 / 255 },
    channels: 'rgb',
    limits: { margin: 0.25, smallestShare: 20 / TINY_FACE_INPUT_PX },
    minScore,
    minScoreInTiles: minScore,
    decode: (outputs, score) => suppressOverlaps(decodeTinyFace(outputs, 0, score), maxOverlap).map(withoutPoints),
    describe: (face) => describeBox(face, 1.2),
  };
}

const withoutPoints = (box: ScoredBox) => ({ ...box, points: new Float32Array() });

function describeBox(face: ScoredBox, square: number): DetectedFace {
  const { x, y, width, height, score } = face;
  return { x, y, width, height, score, square: squareAround(face, square), fivePoints: null, features: null };
}
