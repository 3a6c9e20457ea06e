import { LatchkeyError, type ModelId } from '@latchkey/domain';
import { chipToPicture } from '../align/dlib-chip.ts';
import type { NetworkSession } from '../engines/inference-engine.ts';
import type { ImagePyramid } from '../image/image-pyramid.ts';
import { mirrorPlanes, type PixelNormalisation, warpToPlanes } from '../image/warp.ts';
import { CHIP_PX, ENCODING_DIMENSION } from '../networks/dlib-resnet34/network.ts';

/** dlib's `input_rgb_image_sized`: mean colour, and 256 rather than 255. */
const NORMALISATION: PixelNormalisation = { mean: [122.782, 117.001, 104.298], factor: 1 / 256 };

/** Where a face's features are, in picture pixels. */
export interface LocatedFace {
  /** x, y of right eye, left eye, nose tip, right and left corner of the mouth. */
  readonly points: Float32Array;
  /** 136 values x, y; null when nobody needs them. */
  readonly landmarks: Float32Array | null;
}

/** What an encoder makes of a face. */
export interface EncodedFace {
  readonly values: Float32Array;
}

/** Warps faces to dlib's chip and encodes them. */
export class FaceEncoder {
  readonly #session: NetworkSession;
  readonly #mirrored: boolean;
  /** What the network sees; filled anew for every face. */
  readonly #input: Float32Array;

  /**
   * @param session a session of the `dlib-resnet34` network; stays the caller's.
   * @param mirrored whether an encoding is the mean of the chip's and its mirror image's.
   */
  constructor(session: NetworkSession, mirrored: boolean) {
    this.#session = session;
    this.#mirrored = mirrored;
    this.#input = new Float32Array((mirrored ? 2 : 1) * 3 * CHIP_PX * CHIP_PX);
  }

  /** @throws LatchkeyError `internal` for a face without landmarks. */
  async encode(pyramid: ImagePyramid, face: LocatedFace): Promise<EncodedFace> {
    const landmarks = landmarksOf(face);
    const plane = CHIP_PX * CHIP_PX;
    const batch = this.#mirrored ? 2 : 1;
    const data = this.#input;
    warpToPlanes(pyramid, chipToPicture(landmarks, CHIP_PX), CHIP_PX, NORMALISATION, data);
    if (this.#mirrored) mirrorPlanes(data, 0, 3 * plane, CHIP_PX);
    const [output] = await this.#session.run([{ shape: [batch, 3, CHIP_PX, CHIP_PX], data }]);
    const all = output?.data ?? new Float32Array();
    const values = new Float32Array(ENCODING_DIMENSION);
    for (let i = 0; i < all.length; i++)
      values[i % ENCODING_DIMENSION] = (values[i % ENCODING_DIMENSION] ?? 0) + (all[i] ?? 0) / batch;
    return { values };
  }
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
