import type { NetworkSession } from '../engines/inference-engine.ts';
import type { ImagePyramid } from '../image/image-pyramid.ts';
import { type PixelNormalisation, warpToPlanes } from '../image/warp.ts';
import { type DetectedFace, decodeBlazeface } from '../networks/blazeface/decode.ts';
import { BLAZEFACE_INPUT_PX } from '../networks/blazeface/network.ts';
import { mergeDetections } from './merge-detections.ts';
import { planScan, type ScanTile } from './scan-plan.ts';

/** MediaPipe's own threshold. */
const MIN_SCORE = 0.5;

/** In fine grids background texture scores up to 0.6 in the sample pictures; faces score more. */
const MIN_SCORE_IN_TILES = 0.62;

/** BlazeFace takes −1 … 1. */
const NORMALISATION: PixelNormalisation = { mean: [127.5, 127.5, 127.5], factor: 1 / 127.5 };

/** Finds faces of every size from `minFacePx` to the whole picture. */
export class FaceDetector {
  readonly #session: NetworkSession;

  /** @param session a session of the `blazeface` network; stays the caller's. */
  constructor(session: NetworkSession) {
    this.#session = session;
  }

  /**
   * @param minFacePx faces with a smaller box may be missed and are not returned.
   * @returns one detection per face in picture pixels, in no order; boxes may reach over the picture's edges.
   */
  async detect(pyramid: ImagePyramid, minFacePx: number, signal?: AbortSignal): Promise<DetectedFace[]> {
    const { width, height } = pyramid.image;
    const found: DetectedFace[] = [];
    for (const [level, tiles] of planScan(width, height, minFacePx).entries()) {
      for (const tile of tiles) {
        signal?.throwIfAborted();
        const faces = await this.#scan(pyramid, tile, level === 0 ? MIN_SCORE : MIN_SCORE_IN_TILES);
        found.push(...(level === 0 ? faces : faces.filter((face) => isWhole(face, tile, width, height))));
      }
    }
    return mergeDetections(found).filter((face) => Math.max(face.width, face.height) >= minFacePx);
  }

  async #scan(pyramid: ImagePyramid, tile: ScanTile, minScore: number): Promise<DetectedFace[]> {
    const side = BLAZEFACE_INPUT_PX;
    const scale = tile.side / side;
    const data = new Float32Array(3 * side * side);
    warpToPlanes(pyramid, { a: scale, b: 0, tx: tile.x, ty: tile.y }, side, NORMALISATION, data);
    const outputs = await this.#session.run([{ shape: [1, 3, side, side], data }]);
    return decodeBlazeface(outputs, 0, minScore).map((face) => ({
      x: face.x * scale + tile.x,
      y: face.y * scale + tile.y,
      width: face.width * scale,
      height: face.height * scale,
      score: face.score,
      points: face.points.map((value, i) => value * scale + (i % 2 === 0 ? tile.x : tile.y)),
    }));
  }
}

/** Whether no edge of the tile cuts the face, other than where the picture itself ends. */
function isWhole(face: DetectedFace, tile: ScanTile, width: number, height: number): boolean {
  return (
    (face.x >= tile.x || tile.x <= 0) &&
    (face.y >= tile.y || tile.y <= 0) &&
    (face.x + face.width <= tile.x + tile.side || tile.x + tile.side >= width) &&
    (face.y + face.height <= tile.y + tile.side || tile.y + tile.side >= height)
  );
}
