import type { RgbImage } from '@latchkey/domain';
import { openEngine } from '../engines/select-engine.ts';
import { ImagePyramid } from '../image/image-pyramid.ts';
import { CompiledCache } from '../models/compiled-cache.ts';
import { readModelManifest } from '../models/model-manifest.ts';
import type { ScoredBox } from '../networks/scored-box.ts';
import type { FaceAnalyzerOptions } from './create-face-analyzer.ts';
import { DEFAULT_MIN_FACE_PX } from './face-analyzer.ts';
import { openDetector } from './open-detector.ts';

/** Finds faces, and nothing more. */
export interface FaceDetector {
  /** Name and version. */
  readonly id: string;
  /** Boxes in picture pixels; they may reach over the picture's edges. Calls must not overlap. */
  detect(image: RgbImage, minFacePx?: number): Promise<readonly ScoredBox[]>;
  /** Gives all memory back; may be called twice. */
  dispose(): Promise<void>;
}

/**
 * A detector alone, for comparisons: unlike the analyzer it does not ask the landmarks whether a face is one.
 * @throws LatchkeyError `engine-unavailable`, `model-missing`, `model-corrupt`.
 */
export async function createFaceDetector(
  options: Pick<FaceAnalyzerOptions, 'cacheDir' | 'engine' | 'engineDir' | 'detector' | 'onProgress'>,
): Promise<FaceDetector> {
  const onProgress = options.onProgress ?? (() => undefined);
  const models = await readModelManifest();
  const engine = await openEngine(options.engine ?? 'auto', onProgress, options);
  try {
    const context = { engine, models, cache: new CompiledCache(options.cacheDir), onProgress };
    const { id, detector } = await openDetector(context, options.detector ?? 'blazeface');
    return {
      id,
      detect: (image, minFacePx = DEFAULT_MIN_FACE_PX) => detector.detect(new ImagePyramid(image), minFacePx),
      dispose: () => engine.dispose(),
    };
  } catch (cause) {
    await engine.dispose();
    throw cause;
  }
}
