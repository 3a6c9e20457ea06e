import { join } from 'node:path';
import type { CentralConfig } from '@latchkey/config';
import { type Clock, type Encoding, type FaceQuality, LatchkeyError } from '@latchkey/domain';
import {
  cropJpeg,
  decodeImage,
  type EncoderCard,
  type FaceAnalyzer,
  type FaceObservation,
  startFaceAnalyzerWorker,
} from '@latchkey/vision';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { CENTRAL_CONFIG, CLOCK, LOGGER, PROGRESS } from '../runtime/runtime.module.ts';
import { Turns } from '../runtime/turns.ts';

/** Pictures are scaled down to that for the search of faces; the encoder sees 150 pixels of a face in the end. */
const analysisMaxSidePx = 2048;
/** Stored photos are no larger than that, and carry no EXIF data. */
const storedMaxSidePx = 1024;
const storedMaxBytes = 400 * 1024;
/** Pictures that are in memory at once, decoded: 50 megapixels take 150 MB each. */
const picturesAtOnce = 2;
/** An engine that did not load is tried again on demand, not more often than that. */
const retryAfterMs = 10_000;

/** The one face of a picture, and the picture as it is kept. */
export interface EnrolledFace {
  readonly encoding: Encoding;
  readonly quality: FaceQuality;
  readonly jpeg: Uint8Array;
}

/**
 * Central's face analysis, in a thread of its own. Central runs without it too (the log must go on): whoever needs it then
 * gets `engine-unavailable`.
 */
@Injectable()
export class FaceAnalysis implements OnModuleInit, OnApplicationShutdown {
  readonly #turns = new Turns(picturesAtOnce);
  #analyzer: Promise<FaceAnalyzer> | null = null;
  #failedAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    @Inject(CENTRAL_CONFIG) private readonly config: CentralConfig,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(PROGRESS) private readonly onProgress: (line: string) => void,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.#running().catch((err: unknown) => {
      this.logger.error({ err, part: 'vision' }, 'face analysis is not available; nobody can be enrolled');
    });
  }

  async onApplicationShutdown(): Promise<void> {
    const analyzer = this.#analyzer;
    this.#analyzer = null;
    await analyzer?.then((running) => running.dispose()).catch(() => undefined);
  }

  /**
   * The model that central encodes with.
   * @throws LatchkeyError `engine-unavailable`, `model-missing`, `model-corrupt`.
   */
  async model(): Promise<EncoderCard> {
    return (await this.#running()).model;
  }

  /**
   * The one face of a picture file.
   * @param read gives the file's bytes when it is its turn, so that waiting pictures take no memory.
   * @param source what the picture is called in messages.
   * @throws LatchkeyError `not-an-image`, `image-truncated`, `image-too-large`, `no-face`, `several-faces`, and what {@link model} throws.
   */
  async oneFace(read: () => Promise<Uint8Array>, source: string): Promise<EnrolledFace> {
    return this.#turns.take(async () => {
      const analyzer = await this.#running();
      const image = await decodeImage(await read(), { maxSidePx: analysisMaxSidePx });
      const face = onlyFace(await analyzer.analyze(image), source);
      const everything = { x: 0, y: 0, width: image.width, height: image.height };
      const jpeg = await cropJpeg(image, everything, {
        maxBytes: storedMaxBytes,
        maxSidePx: storedMaxSidePx,
        margin: 0,
      });
      return {
        encoding: face.encoding,
        quality: face.quality,
        jpeg,
      };
    });
  }

  async #running(): Promise<FaceAnalyzer> {
    if (this.#analyzer) return this.#analyzer;
    if (this.clock.monotonicMs() - this.#failedAtMs < retryAfterMs) {
      throw new LatchkeyError('engine-unavailable', 'Face analysis could not be started; the log of central says why.');
    }
    const starting = startFaceAnalyzerWorker({
      cacheDir: join(this.config.dataDir, 'models'),
      engine: this.config.engine,
      engineDir: this.config.engineDir,
      engineThreads: this.config.engineThreads,
      onProgress: (line) => {
        this.logger.info({ part: 'vision' }, line);
        this.onProgress(line);
      },
    });
    this.#analyzer = starting;
    starting.catch(() => {
      this.#failedAtMs = this.clock.monotonicMs();
      if (this.#analyzer === starting) this.#analyzer = null;
    });
    return starting;
  }
}

function onlyFace(faces: readonly FaceObservation[], source: string): FaceObservation {
  const [face, another] = faces;
  if (!face) {
    throw new LatchkeyError(
      'no-face',
      `No face in "${source}"; use a picture in which the face is upright, well lit and at least 40 pixels high.`,
    );
  }
  if (another) {
    throw new LatchkeyError('several-faces', `${faces.length} faces in "${source}"; use a picture of one person.`, {
      details: { faces: faces.length },
    });
  }
  return face;
}
