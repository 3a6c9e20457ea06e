import { LatchkeyError } from '@latchkey/domain';
import type { NetworkSession } from '../engines/inference-engine.ts';
import type { ImagePyramid } from '../image/image-pyramid.ts';
import { type Similarity, warpToPlanes } from '../image/warp.ts';
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
    this.#planes = new Float32Array(3 * input.side * input.side);
  }

  /**
   * @throws LatchkeyError `not-a-number` when the network gives nothing but zeros.
   */
  async encode(pyramid: ImagePyramid, face: LocatedFace): Promise<EncodedFace> {
    const { side, align, mean, deviation } = this.#input;
    const plane = side * side;
    const data = this.#planes;
    warpToPlanes(pyramid, align(face, side), side, { mean: [0, 0, 0], factor: 1 }, data);
    for (const [channel, channelMean] of mean.entries()) {
      const channelDeviation = deviation[channel] ?? 1;
      const end = (channel + 1) * plane;
      for (let i = channel * plane; i < end; i++) data[i] = ((data[i] as number) - channelMean) / channelDeviation;
    }
    const [output] = await this.#session.run([{ shape: [1, 3, side, side], data }]);
    const values = output?.data ?? new Float32Array();
    const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
    if (!(length > 0)) throw new LatchkeyError('not-a-number', 'An encoding has no direction; the model is damaged.');
    return { values: values.map((value) => value / length) };
  }
}
