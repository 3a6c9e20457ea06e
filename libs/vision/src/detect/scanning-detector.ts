import type { NetworkSession, Tensor } from '../engines/inference-engine.ts';
import type { ImagePyramid } from '../image/image-pyramid.ts';
import { type PixelNormalisation, warpToPlanes } from '../image/warp.ts';
import type { PointedBox } from '../networks/scored-box.ts';
import type { DetectedFace, DetectFaces, DetectorName } from './detect-faces.ts';
import { mergeDetections } from './merge-detections.ts';
import { planScan, type ScanLimits, type ScanTile } from './scan-plan.ts';

/** How a network that looks at squares of one size finds faces. */
export interface ScanningNetwork {
  readonly name: DetectorName;
  readonly givesFivePoints: boolean;
  /** Side of its input in pixels. */
  readonly inputPx: number;
  readonly pixels: PixelNormalisation;
  readonly channels: 'rgb' | 'bgr';
  readonly limits: ScanLimits;
  /** From which score on a box in the whole picture is a face. */
  readonly minScore: number;
  /** The same in the finer tiles, in which texture looks more like faces. */
  readonly minScoreInTiles: number;
  /** Faces of one input in its pixels. */
  decode(outputs: readonly Tensor[], minScore: number): readonly PointedBox[];
  /** What else is known of a face. */
  describe(face: PointedBox): DetectedFace;
}

/** Runs a detector over a whole picture within a margin, then, where it is large, over finer tiles. */
export class ScanningDetector implements DetectFaces {
  readonly name: DetectorName;
  readonly givesFivePoints: boolean;
  readonly #session: NetworkSession;
  readonly #network: ScanningNetwork;
  /** What the network sees; filled anew for every pass. */
  readonly #input: Float32Array;

  /** @param session a session of the network; stays the caller's. */
  constructor(session: NetworkSession, network: ScanningNetwork) {
    this.name = network.name;
    this.givesFivePoints = network.givesFivePoints;
    this.#session = session;
    this.#network = network;
    this.#input = new Float32Array(3 * network.inputPx * network.inputPx);
  }

  async detect(pyramid: ImagePyramid, minFacePx: number, signal?: AbortSignal): Promise<DetectedFace[]> {
    const { limits, minScore, minScoreInTiles } = this.#network;
    const { width, height } = pyramid.image;
    const found: PointedBox[] = [];
    for (const [level, tiles] of planScan(width, height, minFacePx, limits).entries()) {
      for (const tile of tiles) {
        signal?.throwIfAborted();
        const faces = await this.#scan(pyramid, tile, level === 0 ? minScore : minScoreInTiles);
        found.push(...(level === 0 ? faces : faces.filter((face) => isWhole(face, tile, width, height))));
      }
    }
    return mergeDetections(found)
      .filter((face) => Math.max(face.width, face.height) >= minFacePx)
      .map((face) => this.#network.describe(face));
  }

  async #scan(pyramid: ImagePyramid, tile: ScanTile, minScore: number): Promise<PointedBox[]> {
    const { inputPx, pixels, channels, decode } = this.#network;
    const scale = tile.side / inputPx;
    const data = this.#input;
    warpToPlanes(pyramid, { a: scale, b: 0, tx: tile.x, ty: tile.y }, inputPx, pixels, data);
    if (channels === 'bgr') swapRedAndBlue(data);
    const outputs = await this.#session.run([{ shape: [1, 3, inputPx, inputPx], data }]);
    return decode(outputs, minScore).map((face) => ({
      x: face.x * scale + tile.x,
      y: face.y * scale + tile.y,
      width: face.width * scale,
      height: face.height * scale,
      score: face.score,
      points: face.points.map((value, i) => value * scale + (i % 2 === 0 ? tile.x : tile.y)),
    }));
  }
}

function swapRedAndBlue(planes: Float32Array): void {
  const plane = planes.length / 3;
  const red = planes.slice(0, plane);
  planes.copyWithin(0, 2 * plane);
  planes.set(red, 2 * plane);
}

/** Whether no edge of the tile cuts the face, other than where the picture itself ends. */
function isWhole(face: PointedBox, tile: ScanTile, width: number, height: number): boolean {
  return (
    (face.x >= tile.x || tile.x <= 0) &&
    (face.y >= tile.y || tile.y <= 0) &&
    (face.x + face.width <= tile.x + tile.side || tile.x + tile.side >= width) &&
    (face.y + face.height <= tile.y + tile.side || tile.y + tile.side >= height)
  );
}
