import { createHash } from 'node:crypto';
import { type Encoding, type ErrorCode, isLatchkeyError, LatchkeyError } from '@latchkey/domain';
import { singleFace } from '@latchkey/vision';
import type { Output } from '../output.ts';
import type { EncodingStore, StoredPicture } from './encoding-store.ts';
import type { FaceReader } from './face-reader.ts';
import type { GalleryFolder, GalleryImage } from './gallery-folder.ts';
import { decodeImageFile, readImageFile } from './image-file.ts';

/** A face of the gallery and whose it is. */
export interface KnownFace {
  readonly identity: string;
  readonly path: string;
  readonly encoding: Encoding;
}

/** A picture of the gallery that nobody is known by, and why. */
export interface LeftOut {
  readonly file: string;
  readonly code: ErrorCode;
  readonly message: string;
}

/** The people of a gallery. */
export interface KnownFaces {
  /** In the order of the gallery. */
  readonly faces: readonly KnownFace[];
  readonly leftOut: readonly LeftOut[];
}

/** How a gallery is read. */
export interface ReadKnownOptions {
  readonly reader: FaceReader;
  /** Encodings of earlier runs; null: none are used or kept. */
  readonly store: EncodingStore | null;
  /** Take the largest of several faces. */
  readonly largest: boolean;
  readonly output: Output;
}

/**
 * The faces of a gallery's pictures, by what earlier runs kept. A picture that shows no face, or several, is left out with its reason.
 * Of pictures that are not in the gallery any more nothing is kept.
 * @throws LatchkeyError `missing-file` when the folder cannot be read, and what the networks give.
 */
export async function readKnownFaces(gallery: GalleryFolder, options: ReadKnownOptions): Promise<KnownFaces> {
  const { store, output } = options;
  const faces: KnownFace[] = [];
  const leftOut: LeftOut[] = [];
  const present = new Set<string>();
  await output.each('Reading the gallery', await gallery.images(), async (image) => {
    try {
      faces.push(await knownFace(image, options, present));
    } catch (error) {
      if (!isLatchkeyError(error)) throw error;
      leftOut.push({ file: image.path, code: error.code, message: error.message });
      output.note(`left out: ${error.message}`);
    }
  });
  await store?.keepOnly(present);
  return { faces, leftOut };
}

async function knownFace(
  { identity, path }: GalleryImage,
  { reader, store, largest }: ReadKnownOptions,
  present: Set<string>,
): Promise<KnownFace> {
  const bytes = await readImageFile(path);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  present.add(sha256);
  let picture = await store?.get(sha256);
  if (!picture) {
    const started = performance.now();
    const found = await reader.read(await decodeImageFile(path, bytes));
    const [face] = found;
    picture = {
      face: face ? { box: face.box, values: face.encoding.values } : null,
      faces: found.length,
      ms: performance.now() - started,
    };
    await store?.put(sha256, picture);
  }
  const { values } = singleFace(facesOf(picture), { source: path, largest });
  return { identity, path, encoding: { modelId: reader.model.id, values } };
}

/** As many faces as were on the picture; of the smaller ones nothing else is kept. */
function facesOf({ face, faces = 1 }: StoredPicture): readonly NonNullable<StoredPicture['face']>[] {
  return face ? Array.from({ length: faces }, () => face) : [];
}

/** @throws LatchkeyError `not-found` with the names that there are. */
export function assertKnown(identity: string, { faces }: KnownFaces): void {
  if (faces.some((face) => face.identity === identity)) return;
  const names = [...new Set(faces.map((face) => face.identity))].sort().join(', ') || 'nobody';
  throw new LatchkeyError('not-found', `"${identity}" is not in the gallery; there is ${names}.`);
}
