import { LatchkeyError, type ModelId } from '@latchkey/domain';
import { chipToPicture } from '../align/dlib-chip.ts';
import type { NetworkSession } from '../engines/inference-engine.ts';
import type { ImagePyramid } from '../image/image-pyramid.ts';
import { mirrorPlanes, type PixelNormalisation, warpToPlanes } from '../image/warp.ts';
import { CHIP_PX, ENCODING_DIMENSION } from '../networks/dlib-resnet34/network.ts';
import type { GreyChip } from './face-quality.ts';

/** dlib's `input_rgb_image_sized`: mean colour, and 256 rather than 255. */
const NORMALISATION: PixelNormalisation = { mean: [122.782, 117.001, 104.298], factor: 1 / 256 };

/** Where a face's features are, in picture pixels. */
export interface LocatedFace {
  /** x, y of right eye, left eye, nose tip, right and left corner of the mouth. */
  readonly points: Float32Array;
  /** 136 values x, y; null when nobody needs them. */
  readonly landmarks: Float32Array | null;
}

/** An encoded face and the chip that it is judged by. */
export interface EncodedFace {
  readonly values: Float32Array;
  readonly chip: GreyChip;
}

/** Warps faces to dlib's chip and encodes them. */
export class FaceEncoder {
  readonly #session: NetworkSession;
  readonly #mirrored: boolean;

  /**
   * @param session a session of the `dlib-resnet34` network; stays the caller's.
   * @param mirrored whether an encoding is the mean of the chip's and its mirror image's.
   */
  constructor(session: NetworkSession, mirrored: boolean) {
    this.#session = session;
    this.#mirrored = mirrored;
  }

  /** @throws LatchkeyError `internal` for a face without landmarks. */
  async encode(pyramid: ImagePyramid, face: LocatedFace): Promise<EncodedFace> {
    const landmarks = landmarksOf(face);
    const plane = CHIP_PX * CHIP_PX;
    const batch = this.#mirrored ? 2 : 1;
    const data = new Float32Array(batch * 3 * plane);
    warpToPlanes(pyramid, chipToPicture(landmarks, CHIP_PX), CHIP_PX, NORMALISATION, data);
    if (this.#mirrored) mirrorPlanes(data, 0, 3 * plane, CHIP_PX);
    const [output] = await this.#session.run([{ shape: [batch, 3, CHIP_PX, CHIP_PX], data }]);
    const all = output?.data ?? new Float32Array();
    const values = new Float32Array(ENCODING_DIMENSION);
    for (let i = 0; i < all.length; i++)
      values[i % ENCODING_DIMENSION] = (values[i % ENCODING_DIMENSION] ?? 0) + (all[i] ?? 0) / batch;
    return { values, chip: greyOf(data) };
  }
}

/** @throws LatchkeyError `internal` when there are none. */
export function landmarksOf({ landmarks }: LocatedFace): Float32Array {
  if (!landmarks) throw new LatchkeyError('internal', 'The encoder aligns by 68 landmarks, which were not looked for.');
  return landmarks;
}

/** Rec. 601 luma of the first chip of a batch, 0 … 255. */
function greyOf(planes: Float32Array): GreyChip {
  const plane = CHIP_PX * CHIP_PX;
  const [meanR, meanG, meanB] = NORMALISATION.mean;
  const grey = new Float32Array(plane);
  for (let i = 0; i < plane; i++) {
    const r = (planes[i] ?? 0) / NORMALISATION.factor + meanR;
    const g = (planes[i + plane] ?? 0) / NORMALISATION.factor + meanG;
    const b = (planes[i + 2 * plane] ?? 0) / NORMALISATION.factor + meanB;
    grey[i] = 0.299 * r + 0.587 * g + 0.114 * b;
  }
  return { side: CHIP_PX, data: grey };
}

/** Names network, weights, alignment and mirroring: encodings of different names are never compared. */
export function encoderId(version: string, mirrored: boolean): ModelId {
  return `dlib-resnet34@${version}/chip${CHIP_PX}${mirrored ? '-mirrored' : ''}`;
}
