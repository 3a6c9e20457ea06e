import type { RgbImage } from '@latchkey/domain';
import type { EncoderCard, FaceAnalyzer } from '@latchkey/vision';
import type { FaceReader, ReadFace } from './face-reader.ts';

/** Raised when detection or alignment changes for the same model: kept encodings are then left alone. */
const REVISION = 1;

/** Reads faces as a door does: found, aligned, encoded. */
export class AnalyzerFaceReader implements FaceReader {
  readonly way: readonly string[];
  readonly #analyzer: FaceAnalyzer;

  /** @param analyzer owned from now on. */
  constructor(analyzer: FaceAnalyzer) {
    this.#analyzer = analyzer;
    this.way = [analyzer.engine, analyzer.detector, `revision ${REVISION}`];
  }

  get model(): EncoderCard {
    return this.#analyzer.model;
  }

  read(image: RgbImage): Promise<readonly ReadFace[]> {
    return this.#analyzer.analyze(image);
  }

  dispose(): Promise<void> {
    return this.#analyzer.dispose();
  }
}
