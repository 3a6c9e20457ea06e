import { createHash } from 'node:crypto';
import { isLatchkeyError } from '@latchkey/domain';
import { centralFace, decodeImage, type FaceAnalyzer } from '@latchkey/vision';
import type { EncodingStore, StoredFace } from '../recognition/encoding-store.ts';
import { readImageFile } from '../recognition/image-file.ts';

/** What became of one picture. */
export interface EncodedPicture {
  /** The face nearest to its centre; null when none was found or the picture cannot be read. */
  readonly face: StoredFace | null;
  /** Why the picture cannot be read. */
  readonly problem: string | null;
  /** From its bytes to the encoding; null when it cannot be read. */
  readonly ms: number | null;
}

/** How pictures are encoded. */
export interface EncodePicturesOptions {
  /** As many pictures are worked on at once. */
  readonly analyzers: readonly FaceAnalyzer[];
  /** Null: nothing is kept. */
  readonly store: EncodingStore | null;
  readonly signal: AbortSignal;
  /** Told how many are done. */
  readonly onDone: (done: number) => void;
}

/**
 * Encodes the central face of every picture. One that cannot be decoded has no face, and its problem is told.
 * @param files paths.
 * @throws LatchkeyError of an analyzer; the signal's reason when aborted. What was done until then is in the store.
 */
export async function encodePictures(
  files: readonly string[],
  { analyzers, store, signal, onDone }: EncodePicturesOptions,
): Promise<ReadonlyMap<string, EncodedPicture>> {
  const results = new Map<string, EncodedPicture>();
  const failed = new AbortController();
  const stop = AbortSignal.any([signal, failed.signal]);
  const waiting = files.values();
  await Promise.all(
    analyzers.map(async (analyzer) => {
      try {
        for (const file of waiting) {
          stop.throwIfAborted();
          results.set(file, await encodePicture(file, analyzer, store, stop));
          onDone(results.size);
        }
      } catch (error) {
        failed.abort(error);
        throw error;
      }
    }),
  );
  return results;
}

async function encodePicture(
  file: string,
  analyzer: FaceAnalyzer,
  store: EncodingStore | null,
  signal: AbortSignal,
): Promise<EncodedPicture> {
  try {
    const bytes = await readImageFile(file);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const kept = await store?.get(sha256);
    if (kept) return { ...kept, problem: null };
    const started = performance.now();
    const image = await decodeImage(bytes);
    const found = centralFace(await analyzer.analyze(image, { signal }), image);
    const ms = performance.now() - started;
    const face = found ? { box: found.box, values: found.encoding.values } : null;
    await store?.put(sha256, { face, ms });
    return { face, problem: null, ms };
  } catch (error) {
    if (!isLatchkeyError(error) || !isPictures(error.code)) throw error;
    return { face: null, problem: `${file}: ${error.message}`, ms: null };
  }
}

/** Whether it is the picture that is at fault, not the machine. */
function isPictures(code: string): boolean {
  return ['not-an-image', 'image-truncated', 'image-too-large', 'missing-file'].includes(code);
}
