import type { Box, Encoding, RgbImage } from '@latchkey/domain';
import type { EncoderCard, FaceQuality } from '@latchkey/vision';

/** A face of a picture that can be compared. */
export interface ReadFace {
  /** In picture pixels. */
  readonly box: Box;
  readonly encoding: Encoding;
  /** Null where no face was looked for, so that none can be judged. */
  readonly quality: FaceQuality | null;
}

/** Reads the faces of pictures: found and aligned ones, or, as the seed project does, the picture as a whole. */
export interface FaceReader {
  readonly model: EncoderCard;
  /** Everything beside the model that encodings depend on: engine, detector. */
  readonly way: readonly string[];
  /** The largest face first. */
  read(image: RgbImage): Promise<readonly ReadFace[]>;
  /** Gives everything back. */
  dispose(): Promise<void>;
}
