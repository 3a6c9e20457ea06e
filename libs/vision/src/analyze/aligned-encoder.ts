import { LatchkeyError } from '@latchkey/domain';
import type { NetworkSession } from '../engines/inference-engine.ts';
import type { ImagePyramid } from '../image/image-pyramid.ts';
import { mirrorPlanes, type Similarity, warpToPlanes } from '../image/warp.ts';
import type { EncodedFace, LocatedFace } from './face-encoder.ts';

/** How an encoder wants its faces. */
export interface EncoderInput {
  /** Side of the aligned face in pixels. */
  readonly side: number;
  /** From the pixels of the aligned face to the picture's. */
  readonly align: (face: LocatedFace, side: number) => Similarity;
  /** Per channel, RGB: `(value − mean) / deviation` of 0 … 255. */
  readonly mean: readonly [number, number, number];
  readonly deviation: readonly [number, number, number];
  /** Whether an encoding is the mean of the face's and its mirror image's. */
  readonly mirrored: boolean;
}

/** Warps faces as a network wants them and encodes them at unit length. */
export class AlignedEncoder {
  readonly #session: NetworkSession;
  readonly #input: EncoderInput;
  /** What the network sees; filled anew for every face. */
  readonly #planes: Float32Array;

  /** @param session of a network with one picture in and one vector out; stays the caller's. */
  constructor(session: NetworkSession, input: EncoderInput) {
    this.#session = session;
    this.#input = input;
    this.#planes = new Float32Array((input.mirrored ? 2 : 1) * 3 * input.side * input.side);
  }

  /**
   * @throws LatchkeyError `not-a-number` when the network gives nothing but zeros.
   */
  async encode(pyramid: ImagePyramid, face: LocatedFace): Promise<EncodedFace> {
    const { side, align, mean, deviation, mirrored } = this.#input;
    const plane = side * side;
    const data = this.#planes;
    warpToPlanes(pyramid, align(face, side), side, { mean: [0, 0, 0], factor: 1 }, data);
    for (const [channel, channelMean] of mean.entries()) {
      const channelDeviation = deviation[channel] ?? 1;
      const end = (channel + 1) * plane;
      for (let i = channel * plane; i < end; i++) data[i] = ((data[i] as number) - channelMean) / channelDeviation;
    }
    if (mirrored) mirrorPlanes(data, 0, 3 * plane, side);
    const batch = mirrored ? 2 : 1;
    const [output] = await this.#session.run([{ shape: [batch, 3, side, side], data }]);
    const values = sumOfRows(output?.data ?? new Float32Array(), batch);
    const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
    if (!(length > 0)) throw new LatchkeyError('not-a-number', 'An encoding has no direction; the model is damaged.');
    return { values: values.map((value) => value / length) };
  }
}

/** Has the direction of the rows' mean. */
function sumOfRows(rows: Float32Array, count: number): Float32Array {
  const length = rows.length / count;
  const sum = rows.slice(0, length);
  for (let i = length; i < rows.length; i++) sum[i % length] = (sum[i % length] as number) + (rows[i] as number);
  return sum;
}
