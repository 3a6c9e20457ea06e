import {
  assertEnrollable,
  distance,
  type EnrolmentWarning,
  enrolmentRefusal,
  type FaceToJudge,
  isLatchkeyError,
  judgeEnrolment,
  type OtherPerson,
} from '@latchkey/domain';
import { singleFace } from '@latchkey/vision';
import type { Output } from '../output.ts';
import type { FaceReader, ReadFace } from './face-reader.ts';
import type { GalleryFolder } from './gallery-folder.ts';
import { decodeImageFile } from './image-file.ts';
import type { KnownFace, KnownFaces } from './known-faces.ts';
import type { EnrolledImage, EnrollOptions } from './recognizer.ts';

/** What {@link enrollPictures} needs. */
export interface EnrollPicturesOptions extends EnrollOptions {
  readonly gallery: GalleryFolder;
  readonly reader: FaceReader;
  /** Take the largest of several faces. */
  readonly largest: boolean;
  readonly output: Output;
  /** Reads who is in the gallery already. */
  readonly known: () => Promise<KnownFaces>;
}

type Read = { readonly file: string } & ({ readonly face: ReadFace } | { readonly refusal: EnrolledImage });

/**
 * Copies pictures into a gallery: of one good face each, not like another person's and not unlike the person's own. The
 * pictures are judged together, then copied in their order.
 * @throws LatchkeyError `missing-file` when the gallery cannot be read, and what the networks give.
 */
export async function enrollPictures(
  identity: string,
  files: readonly string[],
  options: EnrollPicturesOptions,
): Promise<readonly EnrolledImage[]> {
  const read = await options.output.each('Enrolling', files, (file) => readPicture(file, options));
  const faces = read.flatMap((one) => ('face' in one ? [one.face] : []));
  const warnings = await warningsOf(identity, faces, options);
  const results: EnrolledImage[] = [];
  for (const one of read) {
    if ('refusal' in one) results.push(one.refusal);
    else results.push(await enroll(identity, one.file, warnings.get(one.face) ?? [], options));
  }
  return results;
}

async function readPicture(file: string, { reader, largest }: EnrollPicturesOptions): Promise<Read> {
  try {
    const face = singleFace(await reader.read(await decodeImageFile(file)), { source: file, largest });
    if (face.quality) assertEnrollable(face.quality, file);
    return { file, face };
  } catch (error) {
    return { file, refusal: refused(file, error) };
  }
}

async function enroll(
  identity: string,
  file: string,
  warnings: readonly EnrolmentWarning[],
  { gallery, force }: EnrollPicturesOptions,
): Promise<EnrolledImage> {
  const told = warnings.map((warning) => enrolmentRefusal(warning, file, (name) => name));
  try {
    if (told[0] && !force) throw told[0];
    await gallery.add(identity, file);
    return { file, accepted: true, warnings: told.map(({ code, message }) => ({ code, message })) };
  } catch (error) {
    return refused(file, error);
  }
}

/** What speaks against each face; nothing where no faces are looked for, as in the seed's way. */
async function warningsOf(
  identity: string,
  faces: readonly ReadFace[],
  { known, reader }: EnrollPicturesOptions,
): Promise<ReadonlyMap<ReadFace, readonly EnrolmentWarning[]>> {
  if (faces.every(({ quality }) => quality === null)) return new Map();
  const others: KnownFace[] = [];
  const own: Float32Array[] = [];
  for (const face of (await known()).faces) {
    if (face.identity === identity) own.push(face.encoding.values);
    else others.push(face);
  }
  const enrolment = {
    faces: faces.map((face): FaceToJudge => ({ values: face.encoding.values, other: nearestOf(face, others) })),
    own,
    otherPeople: new Set(others.map((other) => other.identity)).size,
  };
  const warnings = judgeEnrolment(enrolment, reader.model);
  return new Map(faces.map((face, i) => [face, warnings[i] ?? []]));
}

function nearestOf(face: ReadFace, others: readonly KnownFace[]): OtherPerson | null {
  let nearest: OtherPerson | null = null;
  for (const { identity, encoding } of others) {
    const far = distance(face.encoding, encoding);
    if (nearest === null || far < nearest.distance) nearest = { personId: identity, distance: far };
  }
  return nearest;
}

/** @throws what is no {@link LatchkeyError}. */
function refused(file: string, error: unknown): EnrolledImage {
  if (!isLatchkeyError(error)) throw error;
  return { file, accepted: false, code: error.code, message: error.message };
}
