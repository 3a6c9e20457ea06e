import { isLatchkeyError } from '@latchkey/domain';
import { centralFace, decodeImage, type FaceAnalyzer, type Liveness } from '@latchkey/vision';
import { readImageFile } from '../recognition/image-file.ts';

/** What a folder of pictures gave. */
export interface ScoredPictures {
  readonly faces: readonly Liveness[];
  /** Pictures without a face, or that cannot be read. */
  readonly nonResponses: number;
}

/**
 * Measures the liveness of the central face of every picture.
 * @param analyzer made for liveness.
 * @param onProblem told why a picture cannot be read.
 * @param onDone told after every picture.
 * @throws LatchkeyError of the analyzer; the signal's reason when aborted.
 */
export async function scorePictures(
  files: readonly string[],
  analyzer: FaceAnalyzer,
  signal: AbortSignal,
  onProblem: (line: string) => void,
  onDone: () => void,
): Promise<ScoredPictures> {
  const faces: Liveness[] = [];
  for (const file of files) {
    signal.throwIfAborted();
    try {
      const image = await decodeImage(await readImageFile(file));
      const liveness = centralFace(await analyzer.analyze(image, { signal }), image)?.liveness;
      if (liveness) faces.push(liveness);
    } catch (error) {
      if (!isLatchkeyError(error) || !pictureCodes.has(error.code)) throw error;
      onProblem(`counts as without a face: ${file}: ${error.message}`);
    }
    onDone();
  }
  return { faces, nonResponses: files.length - faces.length };
}

const pictureCodes: ReadonlySet<string> = new Set(['not-an-image', 'image-truncated', 'image-too-large']);
