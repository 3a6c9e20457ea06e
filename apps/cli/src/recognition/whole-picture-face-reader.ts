import type { RgbImage } from '@latchkey/domain';
import type { EncoderCard, WholePictureEncoder } from '@latchkey/vision';
import type { FaceReader, ReadFace } from './face-reader.ts';

/** Reads pictures as the seed project does: each is one face, whatever it shows. */
export class WholePictureFaceReader implements FaceReader {
  readonly way: readonly string[];
  readonly #encoder: WholePictureEncoder;

  /** @param encoder owned from now on. */
  constructor(encoder: WholePictureEncoder) {
    this.#encoder = encoder;
    this.way = [encoder.engine];
  }

  get model(): EncoderCard {
    return this.#encoder.model;
  }

  async read(image: RgbImage): Promise<readonly ReadFace[]> {
    const box = { x: 0, y: 0, width: image.width, height: image.height };
    return [{ box, encoding: await this.#encoder.encode(image), quality: null }];
  }

  dispose(): Promise<void> {
    return this.#encoder.dispose();
  }
}
