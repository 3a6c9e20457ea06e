import { LatchkeyError } from '@latchkey/domain';
import type { NetworkSession } from '../engines/inference-engine.ts';
import type { ImagePyramid } from '../image/image-pyramid.ts';
import { mirrorPlanes, type PixelNormalisation, type Similarity, warpToPlanes } from '../image/warp.ts';
import type { LocatedFace } from './located-face.ts';

/** How an encoder wants its faces, and what its vectors are. */
export interface EncoderInput {
  /** Side of the aligned face in pixels. */
  readonly side: number;
  /** From the pixels of the aligned face to the picture's. */
  readonly align: (face: LocatedFace, side: number) => Similarity;
  readonly pixels: PixelNormalisation;
  /** Whether an encoding is the mean of the face's and its mirror image's. */
  readonly mirrored: boolean;
  /** Whether encodings are brought to length 1. */
  readonly unitLength: boolean;
}

/**
 * Pictures that the network sees at once at most: a face and its mirror image, or two faces. Four or eight gain another tenth
 * (ResNet-34: 6.5, 5.7, 5.2, 5.1 ms a picture), but ONNX Runtime keeps memory for each number of pictures that it has seen: with eight
 * an agent before several faces held 40 MB more.
 */
const MAX_BATCH = 2;

/** Warps faces as a network wants them and encodes them. */
export class AlignedEncoder {
  readonly #session: NetworkSession;
  readonly #input: EncoderInput;
  /** What the network sees, by the number of faces; filled anew every time. */
  readonly #inputs = new Map<number, Float32Array>();

  /** @param session of a network with one picture in and one vector out; stays the caller's. */
  constructor(session: NetworkSession, input: EncoderInput) {
    this.#session = session;
    this.#input = input;
  }

  /**
   * Encodes faces of one picture, as many in a pass as are worth it.
   * @returns a vector for each face, in their order.
   * @throws LatchkeyError `not-a-number` when the network gives nothing but zeros where directions are wanted; the signal's
   * reason between two passes.
   */
  async encode(pyramid: ImagePyramid, faces: readonly LocatedFace[], signal?: AbortSignal): Promise<Float32Array[]> {
    const atOnce = this.#input.mirrored ? MAX_BATCH / 2 : MAX_BATCH;
    const vectors: Float32Array[] = [];
    for (let first = 0; first < faces.length; first += atOnce) {
      signal?.throwIfAborted();
      vectors.push(...(await this.#pass(pyramid, faces.slice(first, first + atOnce))));
    }
    return vectors;
  }

  async #pass(pyramid: ImagePyramid, faces: readonly LocatedFace[]): Promise<Float32Array[]> {
    const { side, align, pixels, mirrored, unitLength } = this.#input;
    const views = mirrored ? 2 : 1;
    const picture = 3 * side * side;
    const data = this.#inputFor(faces.length, views * picture);
    for (const [i, face] of faces.entries()) {
      const at = i * views * picture;
      warpToPlanes(pyramid, align(face, side), side, pixels, data, at);
      if (mirrored) mirrorPlanes(data, at, at + picture, side);
    }
    const [output] = await this.#session.run([{ shape: [faces.length * views, 3, side, side], data }]);
    const rows = output?.data ?? new Float32Array();
    const length = rows.length / faces.length;
    return faces.map((_, i) => {
      const vector = meanOfRows(rows.subarray(i * length, (i + 1) * length), views);
      return unitLength ? toUnitLength(vector) : vector;
    });
  }

  #inputFor(faces: number, length: number): Float32Array {
    const present = this.#inputs.get(faces);
    if (present) return present;
    const made = new Float32Array(faces * length);
    this.#inputs.set(faces, made);
    return made;
  }
}

/** The mean of the `count` rows that stand one after another. */
function meanOfRows(rows: Float32Array, count: number): Float32Array {
  const mean = rows.slice(0, rows.length / count);
  for (let row = 1; row < count; row++) {
    for (let i = 0; i < mean.length; i++) mean[i] = (mean[i] as number) + (rows[row * mean.length + i] as number);
  }
  return count === 1 ? mean : mean.map((value) => value / count);
}

function toUnitLength(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  if (!(length > 0)) throw new LatchkeyError('not-a-number', 'An encoding has no direction; the model is damaged.');
  return vector.map((value) => value / length);
}
