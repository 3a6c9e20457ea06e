import type { DetectedFace, FaceSquare } from '../detect/detect-faces.ts';
import { levelDirection } from '../detect/face-square.ts';
import type { NetworkSession } from '../engines/inference-engine.ts';
import type { ImagePyramid } from '../image/image-pyramid.ts';
import { type PixelNormalisation, type Similarity, transformPoint, warpToPlanes } from '../image/warp.ts';
import { LANDMARKS_INPUT_PX } from '../networks/landmarks68/network.ts';
import { LANDMARK_COUNT, landmarkRanges, meanPoint } from './landmark-points.ts';

/** face-api's mean colour and factor for this network. */
const NORMALISATION: PixelNormalisation = { mean: [122.782, 117.001, 104.298], factor: 1 / 255 };

/** Side of the second square in sizes of the points' bounding box; best of 1.0 … 1.4 on lfw-dev. */
const SECOND_SQUARE = 1.3;

/** Finds the 68 points of a detected face. */
export class LandmarkLocator {
  readonly #session: NetworkSession;
  /** What the network sees; filled anew for every pass. */
  readonly #input = new Float32Array(3 * LANDMARKS_INPUT_PX * LANDMARKS_INPUT_PX);

  /** @param session a session of the `landmarks68` network; stays the caller's. */
  constructor(session: NetworkSession) {
    this.#session = session;
  }

  /**
   * Two passes: the detector gives the first square, the points found there the second, so that a tilted head or a box that
   * sits badly costs little.
   * @returns 136 values x, y in picture pixels.
   */
  async locate(pyramid: ImagePyramid, face: DetectedFace): Promise<Float32Array> {
    return this.#look(pyramid, squareAroundPoints(await this.#look(pyramid, face.square)));
  }

  async #look(pyramid: ImagePyramid, square: FaceSquare): Promise<Float32Array> {
    const side = LANDMARKS_INPUT_PX;
    const a = (square.side / side) * square.cos;
    const b = (square.side / side) * square.sin;
    const middle = side / 2;
    const toPicture: Similarity = {
      a,
      b,
      tx: square.centreX - (a - b) * middle,
      ty: square.centreY - (b + a) * middle,
    };
    const data = this.#input;
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

function squareAroundPoints(landmarks: Float32Array): FaceSquare {
  const [rightX, rightY] = meanPoint(landmarks, landmarkRanges.rightEye);
  const [leftX, leftY] = meanPoint(landmarks, landmarkRanges.leftEye);
  const { cos, sin } = levelDirection(leftX - rightX, leftY - rightY);
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
  const side = Math.max(maxU - minU, maxV - minV) * SECOND_SQUARE;
  return { centreX: u * cos - v * sin, centreY: u * sin + v * cos, side, cos, sin };
}
