import { decodeYunet } from '../networks/yunet/decode.ts';
import type { DetectionLimits } from './box-scans.ts';
import { squareAround } from './face-square.ts';
import type { ScanningNetwork } from './scanning-detector.ts';
import { suppressOverlaps } from './suppress-overlaps.ts';

/** Side of the input in pixels; the network takes any multiple of 32. */
export const YUNET_INPUT_PX = 320;

/** YuNet as a detector. */
export function yunetScan({ minScore, maxOverlap }: DetectionLimits): ScanningNetwork {
  return {
    name: 'yunet',
    givesFivePoints: true,
    inputPx: YUNET_INPUT_PX,
    pixels: { mean: [0, 0, 0], factor: 1 },
    channels: 'bgr',
    limits: { margin: 0.25, smallestShare: 16 / YUNET_INPUT_PX },
    minScore,
    minScoreInTiles: minScore,
    decode: (outputs, score) => suppressOverlaps(decodeYunet(outputs, 0, YUNET_INPUT_PX, score), maxOverlap),
    describe: (face) => ({
      ...face,
      square: squareAround(face, 1.2, face.points),
      fivePoints: face.points,
      features: null,
    }),
  };
}
