import type { NetworkSession } from '../engines/inference-engine.ts';
import type { ImagePyramid } from '../image/image-pyramid.ts';
import { warpToPlanes } from '../image/warp.ts';
import { ANTISPOOF_INPUT_PX } from '../networks/antispoof/network.ts';
import { LIVENESS_INPUT_PX } from '../networks/liveness/network.ts';
import { headPose } from '../quality/head-pose.ts';
import type { Liveness, LivenessScorer } from './liveness.ts';

/**
 * Side of the crop in distances between the eyes: `human` takes BlazeFace's box (2.5 of them) 1.4 times enlarged, upright and
 * square. By the eyes it is the same for every detector.
 */
const CROP_SIDE = 3.5;

/** `human` gives both networks 0 … 1. */
const NORMALISATION = { mean: [0, 0, 0], factor: 1 / 255 } as const;

/** Scores by the two small networks that come with `@vladmandic/human`, cut out as there. */
export class NetworkLiveness implements LivenessScorer {
  readonly #antispoof: NetworkSession;
  readonly #liveness: NetworkSession;

  /** @param antispoof,liveness sessions of the networks of these names; stay the caller's. */
  constructor(antispoof: NetworkSession, liveness: NetworkSession) {
    this.#antispoof = antispoof;
    this.#liveness = liveness;
  }

  /**
   * The score is the `liveness` network's. The other one is told and does not count: it gave re-photographed looks better
   * marks than the faces that they were made of (`docs/liveness.md`).
   */
  async score(pyramid: ImagePyramid, points: ArrayLike<number>): Promise<Liveness> {
    const parts = {
      antispoof: await look(this.#antispoof, ANTISPOOF_INPUT_PX, pyramid, points),
      liveness: await look(this.#liveness, LIVENESS_INPUT_PX, pyramid, points),
    };
    return { score: parts.liveness, parts };
  }
}

/** The first output: the probability of a real face, of both networks. */
async function look(
  session: NetworkSession,
  side: number,
  pyramid: ImagePyramid,
  points: ArrayLike<number>,
): Promise<number> {
  const { eyesPx } = headPose(points);
  const scale = (CROP_SIDE * eyesPx) / side;
  // The middle of eyes and mouth: a turned head moves it less than the nose.
  const middle = (axis: 0 | 1): number =>
    [0, 1, 3, 4].reduce((sum, point) => sum + (points[2 * point + axis] ?? 0) / 4, 0) - (scale * side) / 2;
  const data = new Float32Array(3 * side * side);
  warpToPlanes(pyramid, { a: scale, b: 0, tx: middle(0), ty: middle(1) }, side, NORMALISATION, data);
  const [output] = await session.run([{ shape: [1, 3, side, side], data }]);
  return Math.min(Math.max(output?.data[0] ?? 0, 0), 1);
}
