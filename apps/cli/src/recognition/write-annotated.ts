import { existsSync, realpathSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { quietFontconfig } from '@latchkey/config';
import { LatchkeyError } from '@latchkey/domain';
import { type AnnotatedFace, annotateImage, encodeImage, imageFileFormat } from '@latchkey/vision';
import { decodeImageFile } from './image-file.ts';
import type { Verdict } from './recognizer.ts';

/**
 * Refuses what {@link writeAnnotated} could not write, before time is spent on faces.
 * @throws LatchkeyError `invalid-input` for another extension than jpg or png and for the picture itself, `missing-file` when
 * the folder is not there.
 */
export function assertAnnotatable(path: string, picture: string): void {
  imageFileFormat(path);
  if (!existsSync(dirname(path))) {
    throw new LatchkeyError('missing-file', `The folder ${dirname(path)} of --annotate is not there; make it.`);
  }
  if (existsSync(path) && existsSync(picture) && realpathSync(path) === realpathSync(picture)) {
    throw new LatchkeyError('invalid-input', `--annotate would write over ${picture}; choose another file.`);
  }
}

/**
 * Writes a copy of a picture with a box around each face and its name and distance.
 * @throws LatchkeyError what reading the picture gives, `storage-failed` when the file cannot be written.
 */
export async function writeAnnotated(path: string, picture: string, faces: readonly AnnotatedFace[]): Promise<void> {
  quietFontconfig(fileURLToPath(new URL('../../assets/fonts.conf', import.meta.url)));
  const require = createRequire(import.meta.url);
  const font = { file: require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'), family: 'DejaVu Sans Bold' };
  const annotated = await annotateImage(await decodeImageFile(picture), faces, font);
  const bytes = await encodeImage(annotated, imageFileFormat(path));
  await writeFile(path, bytes).catch((cause: unknown) => {
    throw new LatchkeyError('storage-failed', `${path} cannot be written: ${(cause as Error).message}.`, { cause });
  });
}

/** A face with its name and distance, or as unknown; none for one whose place is not told. */
export function annotatedFace({ box, name, distance, granted }: Verdict): readonly AnnotatedFace[] {
  if (box === null) return [];
  const far = distance === null ? '' : ` ${distance.toFixed(2)}`;
  return [granted ? { box, label: `${name}${far}`, tone: 'known' } : { box, label: 'unknown', tone: 'unknown' }];
}

/** The face that was claimed to be somebody's. */
export function annotatedClaim({ box, name, distance, granted }: Verdict): readonly AnnotatedFace[] {
  if (box === null) return [];
  const far = distance === null ? '' : ` ${distance.toFixed(2)}`;
  return [{ box, label: `${granted ? '' : 'not '}${name}${far}`, tone: granted ? 'known' : 'refused' }];
}
