import type { NetworkSession, Tensor } from '../engines/inference-engine.ts';
import type { ImagePyramid } from '../image/image-pyramid.ts';
import { type PixelNormalisation, warpToPlanes } from '../image/warp.ts';
import type { PointedBox } from '../networks/scored-box.ts';
import type { DetectedFace, DetectFaces, DetectorName } from './detect-faces.ts';
import { mergeDetections } from './merge-detections.ts';
import { planScan, type ScanLimits, type ScanTile } from './scan-plan.ts';

/** What a network is shown: a rectangle of the picture, in its own pixels. */
export interface ScanWindow {
  /** Left upper corner in picture pixels; may lie outside the picture. */
  readonly x: number;
  readonly y: number;
  /** Picture pixels per input pixel. */
  readonly scale: number;
  /** Of the input in its pixels. */
  readonly width: number;
  readonly height: number;
}

/** How a network finds faces. */
export interface ScanningNetwork {
  readonly name: DetectorName;
  readonly givesFivePoints: boolean;
  readonly pixels: PixelNormalisation;
  /** Height of a face, forehead to chin, in longer sides of the box. */
  readonly faceHeight: number;
  readonly limits: ScanLimits;
  /** From which score on a box in the whole picture is a face. */
  readonly minScore: number;
  /** The same in the finer tiles, in which texture looks more like faces. */
  readonly minScoreInTiles: number;
  /** How a tile of a picture is shown to it. */
  windowOf(tile: ScanTile, picture: { readonly width: number; readonly height: number }, minBoxPx: number): ScanWindow;
  /**
   * Faces of one input in its pixels.
   * @param width of the input.
   */
  decode(outputs: readonly Tensor[], minScore: number, width: number): readonly PointedBox[];
  /** What else is known of a face. */
  describe(face: PointedBox): DetectedFace;
}

/** Gives a session for inputs of one size. */
export type SessionOfSize = (width: number, height: number) => Promise<NetworkSession>;

/**
 * A tile that shows a box of more than so many times the size that the coarser scan finds reliably shows none: that scan
 * would have seen it.
 */
const SEEN_BEFORE = 2;

/**
 * Boxes of faces of one height differ: BlazeFace draws some a quarter smaller than the median that `faceHeight` is. A box that
 * may be of a wanted face is kept.
 */
const KEPT_FROM = 0.75;

/** Runs a detector over a whole picture, then, where that is large, over finer tiles. */
export class ScanningDetector implements DetectFaces {
  readonly name: DetectorName;
  readonly givesFivePoints: boolean;
  readonly #sessionOf: SessionOfSize;
  readonly #network: ScanningNetwork;
  /** What the network sees; filled anew for every pass. */
  #input = new Float32Array();

  /** @param sessionOf gives the network's sessions; they stay the giver's. */
  constructor(sessionOf: SessionOfSize, network: ScanningNetwork) {
    this.name = network.name;
    this.givesFivePoints = network.givesFivePoints;
    this.#sessionOf = sessionOf;
    this.#network = network;
  }

  async detect(pyramid: ImagePyramid, minFacePx: number, signal?: AbortSignal): Promise<DetectedFace[]> {
    const { limits, minScore, minScoreInTiles, faceHeight, windowOf } = this.#network;
    const { image } = pyramid;
    const minBoxPx = minFacePx / faceHeight;
    const found: PointedBox[] = [];
    let largestPx = Number.POSITIVE_INFINITY;
    for (const [level, tiles] of planScan(image.width, image.height, minBoxPx, limits).entries()) {
      for (const tile of tiles) {
        signal?.throwIfAborted();
        const window = windowOf(tile, image, minBoxPx);
        const faces = await this.#scan(pyramid, window, level === 0 ? minScore : minScoreInTiles);
        const fitting = faces.filter((face) => Math.max(face.width, face.height) <= largestPx);
        found.push(
          ...(level === 0 ? fitting : fitting.filter((face) => isWhole(face, tile, image.width, image.height))),
        );
      }
      largestPx = SEEN_BEFORE * limits.smallestInTiles * (tiles[0]?.side ?? 0);
    }
    return mergeDetections(found)
      .filter((face) => Math.max(face.width, face.height) >= KEPT_FROM * minBoxPx)
      .map((face) => this.#network.describe(face));
  }

  #inputOf(length: number): Float32Array {
    if (this.#input.length !== length) this.#input = new Float32Array(length);
    return this.#input;
  }

  async #scan(pyramid: ImagePyramid, window: ScanWindow, minScore: number): Promise<PointedBox[]> {
    const { pixels, decode } = this.#network;
    const { x, y, scale, width, height } = window;
    const data = this.#inputOf(3 * width * height);
    warpToPlanes(pyramid, { a: scale, b: 0, tx: x, ty: y }, window, pixels, data);
    const session = await this.#sessionOf(width, height);
    const outputs = await session.run([{ shape: [1, 3, height, width], data }]);
    return decode(outputs, minScore, width).map((face) => ({
      x: face.x * scale + x,
      y: face.y * scale + y,
      width: face.width * scale,
      height: face.height * scale,
      score: face.score,
      points: face.points.map((value, i) => value * scale + (i % 2 === 0 ? x : y)),
    }));
  }
}

/** A window that shows a whole tile to a network that takes squares of one size. */
export function squareWindow(side: number): ScanningNetwork['windowOf'] {
  return (tile) => ({ x: tile.x, y: tile.y, scale: tile.side / side, width: side, height: side });
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
