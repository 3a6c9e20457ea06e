import { LatchkeyError, type ModelId } from '@latchkey/domain';
import { CHIP_PX } from '../networks/dlib-resnet34/network.ts';

/** Where a face's features are, in picture pixels. */
export interface LocatedFace {
  /** x, y of right eye, left eye, nose tip, right and left corner of the mouth. */
  readonly points: Float32Array;
  /** 136 values x, y; null when nobody needs them. */
  readonly landmarks: Float32Array | null;
}

/** @throws LatchkeyError `internal` when there are none. */
export function landmarksOf({ landmarks }: LocatedFace): Float32Array {
  if (!landmarks) throw new LatchkeyError('internal', 'The encoder aligns by 68 landmarks, which were not looked for.');
  return landmarks;
}

/** Names network, weights, alignment and mirroring: encodings of different names are never compared. */
export function encoderId(version: string, mirrored: boolean): ModelId {
  return `dlib-resnet34@${version}/chip${CHIP_PX}${mirrored ? '-mirrored' : ''}`;
}
