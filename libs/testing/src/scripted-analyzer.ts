import type { FaceQuality, RgbImage } from '@latchkey/domain';
import type { AnalyzeOptions, EncoderCard, FaceAnalyzer, FaceObservation, LookOptions } from '@latchkey/vision';

/** The card of a model that does not exist. */
export const scriptedModel: EncoderCard = {
  id: 'scripted/4',
  dimension: 4,
  maxDistance: 0.6,
  identifyMaxDistance: 0.5,
  minMargin: 0.05,
};

/** Finds in a picture the faces that a test has put there. */
export class ScriptedAnalyzer implements FaceAnalyzer {
  readonly model = scriptedModel;
  readonly detector = 'scripted';
  readonly engine = 'onnx';
  /** Thrown instead of an answer, while set. */
  failure: Error | null = null;
  private readonly faces = new Map<RgbImage, readonly FaceObservation[]>();

  /** Says which faces a picture shows. */
  put(image: RgbImage, ...faces: FaceObservation[]): void {
    this.faces.set(image, faces);
  }

  async analyze(image: RgbImage, { signal }: AnalyzeOptions = {}): Promise<readonly FaceObservation[]> {
    signal?.throwIfAborted();
    if (this.failure) throw this.failure;
    return this.faces.get(image) ?? [];
  }

  /** Every face comes encoded, wanted or not. */
  look(image: RgbImage, options: LookOptions): Promise<readonly FaceObservation[]> {
    return this.analyze(image, options);
  }

  async dispose(): Promise<void> {}
}

/** A grey picture. */
export function anImage(width = 64, height = 48): RgbImage {
  return { width, height, data: new Uint8Array(width * height * 3).fill(128) };
}

/** A good face with these values of its encoding, at the left edge unless said otherwise. */
export function aFace(
  values: readonly number[],
  {
    quality = 90,
    x = 4,
    modelId = scriptedModel.id,
    liveness = null,
  }: { quality?: number; x?: number; modelId?: string; liveness?: number | null } = {},
): FaceObservation {
  return {
    box: { x, y: 4, width: 20, height: 20 },
    score: 0.99,
    points: new Float32Array(10),
    landmarks: null,
    encoding: { modelId, values: Float32Array.from(values) },
    quality: aQuality(quality),
    liveness: liveness === null ? null : { score: liveness, parts: { antispoof: liveness, liveness } },
  };
}

/** The quality of a frontal face, equally good in everything. @param score 0 … 100. */
export function aQuality(score = 100): FaceQuality {
  return {
    score,
    components: { sharpness: score, exposure: score, pose: score, size: score, occlusion: score, framing: score },
    measures: { interEyePx: 40, yawDegrees: 0, pitchDegrees: 0, rollDegrees: 0, brightness: 120 },
    reasons: [],
  };
}
