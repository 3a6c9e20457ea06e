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

  /** @param session of a network with one picture in and one vector out; stays the caller's. */
  constructor(session: NetworkSession, input: EncoderInput) {
    this.#session = session;
    this.#input = input;
  }

  /**
   * @throws LatchkeyError `not-a-number` when the network gives nothing but zeros.
   */
  async encode(pyramid: ImagePyramid, face: LocatedFace): Promise<EncodedFace> {
    const { side, align, mean, deviation } = this.#input;
    const plane = side * side;
    const data = new Float32Array(3 * plane);
    warpToPlanes(pyramid, align(face, side), side, { mean: [0, 0, 0], factor: 1 }, data);
    for (let i = 0; i < data.length; i++) {
      const channel = Math.floor(i / plane);
      data[i] = ((data[i] ?? 0) - (mean[channel] ?? 0)) / (deviation[channel] ?? 1);
    }
    const [output] = await this.#session.run([{ shape: [1, 3, side, side], data }]);
    const values = output?.data ?? new Float32Array();
    const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
    if (!(length > 0)) throw new LatchkeyError('not-a-number', 'An encoding has no direction; the model is damaged.');
    return { values: values.map((value) => value / length) };
  }
}
