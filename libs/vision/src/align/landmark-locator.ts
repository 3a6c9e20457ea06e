import type { NetworkSession } from '../engines/inference-engine.ts';
import type { ImagePyramid } from '../image/image-pyramid.ts';
import { type PixelNormalisation, type Similarity, transformPoint, warpToPlanes } from '../image/warp.ts';
import type { DetectedFace } from '../networks/blazeface/decode.ts';
import { LANDMARKS_INPUT_PX } from '../networks/landmarks68/network.ts';
import { LANDMARK_COUNT, landmarkRanges, meanPoint } from './landmark-points.ts';

/** face-api's mean colour and factor for this network. */
const NORMALISATION: PixelNormalisation = { mean: [122.782, 117.001, 104.298], factor: 1 / 255 };

/** Side of the first crop in widths of BlazeFace's box; best of 1.0 … 1.4 on lfw-dev. */
const FIRST_CROP = 1.2;

/** Side of the second crop in sizes of the points' bounding box; likewise. */
const SECOND_CROP = 1.3;

/** A square to look at, turned so that the eyes are level. */
interface Crop {
  readonly centreX: number;
  readonly centreY: number;
  readonly side: number;
  readonly cos: number;
  readonly sin: number;
}

/** Finds the 68 points of a detected face. */
export class LandmarkLocator {
  readonly #session: NetworkSession;

  /** @param session a session of the `landmarks68` network; stays the caller's. */
  constructor(session: NetworkSession) {
    this.#session = session;
  }

  /**
   * Two passes: the detector's box and eyes give the first crop, the points found there the second, so that a tilted
   * head or a box that sits badly costs little.
   * @returns 136 values x, y in picture pixels.
   */
  async locate(pyramid: ImagePyramid, face: DetectedFace): Promise<Float32Array> {
    const [rightX = 0, rightY = 0, leftX = 0, leftY = 0] = face.points;
    const first = await this.#look(pyramid, {
      centreX: face.x + face.width / 2,
      centreY: face.y + face.height / 2,
      side: Math.max(face.width, face.height) * FIRST_CROP,
      ...direction(leftX - rightX, leftY - rightY),
    });
    return this.#look(pyramid, cropAround(first));
  }

  async #look(pyramid: ImagePyramid, crop: Crop): Promise<Float32Array> {
    const side = LANDMARKS_INPUT_PX;
    const a = (crop.side / side) * crop.cos;
    const b = (crop.side / side) * crop.sin;
    const middle = side / 2;
    const toPicture: Similarity = {
      a,
      b,
      tx: crop.centreX - (a - b) * middle,
      ty: crop.centreY - (b + a) * middle,
    };
    const data = new Float32Array(3 * side * side);
    warpToPlanes(pyramid, toPicture, side, NORMALISATION, data);
    const [output] = await this.#session.run([{ shape: [1, 3, side, side], data }]);
    const shares = output?.data ?? new Float32Array();
    const landmarks = new Float32Array(2 * LANDMARK_COUNT);
    for (let i = 0; i < landmarks.length; i += 2) {
      const [x, y] = transformPoint(toPicture, (shares[i] ?? 0) * side, (shares[i + 1] ?? 0) * side);
      landmarks[i] = x;
      landmarks[i + 1] = y;
    }
    return landmarks;
  }
}

function direction(x: number, y: number): { cos: number; sin: number } {
  const length = Math.hypot(x, y);
  return length > 0 ? { cos: x / length, sin: y / length } : { cos: 1, sin: 0 };
}

function cropAround(landmarks: Float32Array): Crop {
  const [rightX, rightY] = meanPoint(landmarks, landmarkRanges.rightEye);
  const [leftX, leftY] = meanPoint(landmarks, landmarkRanges.leftEye);
  const { cos, sin } = direction(leftX - rightX, leftY - rightY);
  let [minU, maxU, minV, maxV] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < landmarks.length; i += 2) {
    const x = landmarks[i] ?? 0;
    const y = landmarks[i + 1] ?? 0;
    const u = x * cos + y * sin;
    const v = y * cos - x * sin;
    minU = Math.min(minU, u);
    maxU = Math.max(maxU, u);
    minV = Math.min(minV, v);
    maxV = Math.max(maxV, v);
  }
  const u = (minU + maxU) / 2;
  const v = (minV + maxV) / 2;
  const side = Math.max(maxU - minU, maxV - minV) * SECOND_CROP;
  return { centreX: u * cos - v * sin, centreY: u * sin + v * cos, side, cos, sin };
}
