import type { EnrolmentResponse } from '@latchkey/contracts';
import type { EnrolmentWarningCode } from '@latchkey/domain';
import { type PhotoProblem, photoProblem, problemBeforeUpload } from './photo-advice.ts';

/** A photo that was chosen and is to be sent, or was. */
export interface PhotoDraft {
  readonly key: string;
  readonly file: File;
  readonly state: 'chosen' | 'accepted' | 'refused';
  readonly problem: PhotoProblem | null;
  /** What was said of it and is no reason to leave it out: it is sent once more with that. */
  readonly acceptDespite: readonly EnrolmentWarningCode[];
}

/** The list with these files added; a file that is in it already (same name, size and date) is not added twice. */
export function withFiles(photos: readonly PhotoDraft[], files: readonly File[]): readonly PhotoDraft[] {
  const byKey = new Map(photos.map((photo) => [photo.key, photo]));
  for (const file of files) {
    const key = `${file.name}/${file.size}/${file.lastModified}`;
    if (byKey.has(key)) continue;
    const problem = problemBeforeUpload(file);
    byKey.set(key, { key, file, state: problem ? 'refused' : 'chosen', problem, acceptDespite: [] });
  }
  return [...byKey.values()];
}

/** The list with one photo to be sent again, and its warning overruled. */
export function withAnyway(photos: readonly PhotoDraft[], key: string): readonly PhotoDraft[] {
  return photos.map((photo) => {
    const warning = photo.key === key ? photo.problem?.warning : null;
    if (!warning) return photo;
    return { ...photo, state: 'chosen', problem: null, acceptDespite: [...photo.acceptDespite, warning] };
  });
}

/** The photos that are still to be sent. */
export function toSend(photos: readonly PhotoDraft[]): readonly PhotoDraft[] {
  return photos.filter(({ state }) => state === 'chosen');
}

/** Photos of one request: few, so that outcomes show early; central takes at most 20. */
const batchSize = 4;

/**
 * The photos in the portions in which they are sent: those of one portion overrule the same warnings, and those that overrule
 * none come first.
 */
export function inBatches(photos: readonly PhotoDraft[]): readonly (readonly PhotoDraft[])[] {
  const alike = new Map<string, PhotoDraft[]>([['', []]]);
  for (const photo of photos) {
    const key = photo.acceptDespite.join();
    alike.set(key, [...(alike.get(key) ?? []), photo]);
  }
  return [...alike.values()].flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / batchSize) }, (_, batch) =>
      group.slice(batch * batchSize, (batch + 1) * batchSize),
    ),
  );
}

/** The list after an upload: results stand in the order of the photos that were sent. */
export function withResults(
  photos: readonly PhotoDraft[],
  sent: readonly PhotoDraft[],
  { results }: EnrolmentResponse,
): readonly PhotoDraft[] {
  const resultOf = new Map(sent.map(({ key }, index) => [key, results[index]]));
  return photos.map((photo) => {
    const result = resultOf.get(photo.key);
    return result
      ? { ...photo, state: result.accepted ? 'accepted' : 'refused', problem: photoProblem(result) }
      : photo;
  });
}
