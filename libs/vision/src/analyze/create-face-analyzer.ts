import { LatchkeyError, type RgbImage } from '@latchkey/domain';
import { isFace } from '../align/face-likeness.ts';
import { fivePointsOf } from '../align/five-points.ts';
import { LandmarkLocator } from '../align/landmark-locator.ts';
import type { DetectedFace, DetectFaces } from '../detect/detect-faces.ts';
import { intersection } from '../detect/overlap.ts';
import type { EngineChoice, EngineName, InferenceEngine } from '../engines/inference-engine.ts';
import { type EngineOptions, openEngine } from '../engines/select-engine.ts';
import { ImagePyramid } from '../image/image-pyramid.ts';
import { PyramidMemory } from '../image/pyramid-memory.ts';
import type { LivenessScorer } from '../liveness/liveness.ts';
import { openLiveness } from '../liveness/open-liveness.ts';
import { CompiledCache } from '../models/compiled-cache.ts';
import { readModelManifest } from '../models/model-manifest.ts';
import { landmarks68 } from '../networks/landmarks68/network.ts';
import { loadable } from '../networks/load-network.ts';
import { assessFace } from '../quality/face-quality.ts';
import { facesToEncode } from '../track/encoding-plan.ts';
import { encodedFaces } from './encoded-faces.ts';
import {
  type AnalyzeOptions,
  DEFAULT_MIN_FACE_PX,
  type EncoderCard,
  type FaceAnalyzer,
  type FaceObservation,
  type LookOptions,
  type SeenFace,
} from './face-analyzer.ts';
import type { LocatedFace } from './located-face.ts';
import type { NetworkContext } from './network-context.ts';
import { type DetectorChoice, type OpenDetector, openDetector } from './open-detector.ts';
import {
  type AddedEncoder,
  needsLandmarks,
  type OpenEncoder,
  openAddedEncoder,
  openDefaultEncoder,
} from './open-encoder.ts';

/** Options of {@link createFaceAnalyzer}. */
export interface FaceAnalyzerOptions extends EngineOptions {
  /** Folder for compiled networks; made when absent. */
  readonly cacheDir: string;
  /** Default `auto`. */
  readonly engine?: EngineChoice;
  /**
   * Whether encodings are averaged with the mirrored face's: one network pass more, and a model id of their own. Default true
   * for the encoder that comes with Latchkey, false for an added one; nn4.small2 refuses it.
   */
  readonly mirrored?: boolean;
  /** Default `blazeface`. */
  readonly detector?: DetectorChoice;
  /** An encoder that was added, in place of the one that comes with Latchkey. */
  readonly encoder?: AddedEncoder;
  /** Whether it can measure liveness. Default false: nobody pays for it where pictures are enrolled or compared. */
  readonly liveness?: boolean;
  /** Told which engine is used and what takes long at the first start. */
  readonly onProgress?: (line: string) => void;
}

/**
 * Loads the networks and gives an analyzer that runs in this thread.
 * @throws LatchkeyError `engine-unavailable`, `model-missing`, `model-corrupt`.
 */
export async function createFaceAnalyzer(options: FaceAnalyzerOptions): Promise<FaceAnalyzer> {
  const onProgress = options.onProgress ?? (() => undefined);
  const manifest = readModelManifest();
  // Whoever cannot have an engine is told that first.
  manifest.catch(() => undefined);
  const engine = await openEngine(options.engine ?? 'auto', onProgress, options);
  try {
    const models = await manifest;
    const { id, model, stages } = await openStages(
      { engine, models, cache: new CompiledCache(options.cacheDir), onProgress },
      options,
    );
    return new LocalFaceAnalyzer(engine, model, id, stages);
  } catch (cause) {
    // Networks that are still being loaded are refused by an engine that has ended.
    await engine.dispose();
    throw cause;
  }
}

/** What {@link openStages} gives: the detector's name and version, the encoder's card, and the networks. */
interface OpenStages {
  readonly id: string;
  readonly model: EncoderCard;
  readonly stages: Stages;
}

/** Loads all networks side by side: while one is made into a session, the files of the others are read. */
async function openStages(context: NetworkContext, options: FaceAnalyzerOptions): Promise<OpenStages> {
  const { engine, models, cache, onProgress } = context;
  const detecting = openDetector(context, options.detector ?? 'blazeface');
  const encoding = options.encoder
    ? openEncoderAfter(detecting, context, options.encoder, options.mirrored ?? false)
    : openDefaultEncoder(context, options.mirrored ?? true);
  const locating = detecting.then(async ({ detector }) =>
    needsLandmarks(options.encoder) || !detector.givesFivePoints
      ? new LandmarkLocator(await engine.load(loadable(landmarks68, models, cache, onProgress)))
      : null,
  );
  const [{ id, detector }, { card, encoder }, locator, liveness] = await Promise.all([
    detecting,
    encoding,
    locating,
    options.liveness ? openLiveness(context) : null,
  ]);
  return { id, model: card, stages: { detector, locator, encoder, liveness } };
}

/** The card of an added encoder says which detector gave it its five points. */
async function openEncoderAfter(
  detecting: Promise<OpenDetector>,
  context: NetworkContext,
  encoder: AddedEncoder,
  mirrored: boolean,
): Promise<OpenEncoder> {
  const { detector } = await detecting;
  return openAddedEncoder(context, encoder, detector.givesFivePoints ? detector.name : null, mirrored);
}

/** A face that may yet be encoded. */
type FoundFace = Omit<SeenFace, 'encoding' | 'liveness'>;

const notEncoded = { encoding: null, liveness: null } as const;

interface Stages {
  readonly detector: DetectFaces;
  /** Null when the detector's five points are all that is needed. */
  readonly locator: LandmarkLocator | null;
  readonly encoder: OpenEncoder['encoder'];
  /** Null when it is not to be measured. */
  readonly liveness: LivenessScorer | null;
}

class LocalFaceAnalyzer implements FaceAnalyzer {
  readonly model: EncoderCard;
  readonly detector: string;
  readonly engine: EngineName;
  readonly #engine: InferenceEngine;
  readonly #stages: Stages;
  /** Analyses do not overlap. */
  readonly #memory = new PyramidMemory();
  #last: Promise<unknown> = Promise.resolve();
  #disposed = false;

  constructor(engine: InferenceEngine, model: EncoderCard, detector: string, stages: Stages) {
    this.engine = engine.name;
    this.#engine = engine;
    this.model = model;
    this.detector = detector;
    this.#stages = stages;
  }

  async analyze(image: RgbImage, options: AnalyzeOptions = {}): Promise<readonly FaceObservation[]> {
    return encodedFaces(await this.#queue(image, options));
  }

  look(image: RgbImage, options: LookOptions): Promise<readonly SeenFace[]> {
    return this.#queue(image, options);
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    await this.#last;
    await this.#engine.dispose();
  }

  #queue(image: RgbImage, options: AnalyzeOptions & Partial<LookOptions>): Promise<readonly SeenFace[]> {
    const result = this.#last.then(() => this.#analyze(image, options));
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Without a plan every face is encoded. */
  async #analyze(image: RgbImage, options: AnalyzeOptions & Partial<LookOptions>): Promise<readonly SeenFace[]> {
    if (this.#disposed) {
      throw new LatchkeyError('engine-unavailable', 'The face analyzer was disposed of; create a new one.');
    }
    const { signal, minFacePx = DEFAULT_MIN_FACE_PX, plan } = options;
    const scorer = options.liveness === false ? null : this.#stages.liveness;
    signal?.throwIfAborted();
    assertImage(image);
    const pyramid = new ImagePyramid(image, this.#memory);
    const found: FoundFace[] = [];
    for (const face of await this.#stages.detector.detect(pyramid, minFacePx, signal)) {
      signal?.throwIfAborted();
      const located = await this.#locate(pyramid, face);
      if (!located) continue;
      const { x, y, width, height, score } = face;
      found.push({ box: { x, y, width, height }, score, ...located, quality: assessFace(pyramid, located.points) });
    }
    const wanted = plan ? facesToEncode(found, plan) : new Set(found);
    const toEncode = found.filter((face) => wanted.has(face));
    const vectors = await this.#stages.encoder.encode(pyramid, toEncode, signal);
    const seen: SeenFace[] = found.filter((face) => !wanted.has(face)).map((face) => ({ ...face, ...notEncoded }));
    for (const [i, face] of toEncode.entries()) {
      const values = vectors[i];
      if (!values) throw new LatchkeyError('internal', 'The encoder gave fewer vectors than there are faces.');
      signal?.throwIfAborted();
      const liveness = scorer && (await scorer.score(pyramid, face.points));
      seen.push({ ...face, encoding: { modelId: this.model.id, values }, liveness });
    }
    const frame = { x: 0, y: 0, width: image.width, height: image.height };
    return seen.sort((a, b) => intersection(b.box, frame) - intersection(a.box, frame));
  }

  /** Null when it turns out to be no face. */
  async #locate(pyramid: ImagePyramid, face: DetectedFace): Promise<LocatedFace | null> {
    const landmarks = (await this.#stages.locator?.locate(pyramid, face)) ?? null;
    if (landmarks && !isFace(face, landmarks)) return null;
    const points = face.fivePoints ?? (landmarks && fivePointsOf(landmarks));
    if (!points) throw new LatchkeyError('internal', 'A face has neither five points nor landmarks.');
    return { points, landmarks };
  }
}

function assertImage({ width, height, data }: RgbImage): void {
  if (!(width > 0 && height > 0 && data.length === width * height * 3)) {
    throw new LatchkeyError(
      'invalid-input',
      `A picture of ${width} × ${height} pixels has ${width * height * 3} bytes, this one ${data.length}.`,
    );
  }
}
