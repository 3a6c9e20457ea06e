import type { EnrolmentResponse } from '@latchkey/contracts';
import {
  type EnrolmentWarningCode,
  type ErrorCode,
  enrolmentWarningCodes,
  errorCodes,
  type QualityReason,
} from '@latchkey/domain';

/** Largest file that central takes (`image-too-large`). */
export const maxPhotoBytes = 25 * 1024 * 1024;

const advice: Readonly<Partial<Record<ErrorCode, string>>> = {
  'not-an-image': 'Choose a JPEG, PNG, WebP or AVIF picture.',
  'image-truncated': 'Copy the picture from its source again, or choose another one.',
  'image-too-large': 'Make the picture smaller, to at most 50 megapixels and 25 MB.',
  'no-face': 'Choose a picture in which the whole face can be seen from the front, with some space around it.',
  'several-faces': 'Cut the picture so that only this person is on it, or choose another one.',
  'low-quality': 'Choose a sharp, evenly lit picture from the front, with the face at least 80 pixels wide.',
  'near-another-person': 'Doors may take one of the two for the other.',
  'far-from-own-photos': 'A photo of somebody else would open doors to them under this name.',
  'model-mismatch': 'The device that saw this face runs another model than central. Use a photo instead.',
  'too-many-requests': 'Wait a minute and try again.',
  internal: 'Try again. If it happens again, the log of central has the details.',
};

const qualityAdvice: Readonly<Record<QualityReason, string>> = {
  'too-small': 'Choose a picture in which the face is larger, at least 80 pixels wide.',
  blurred: 'Choose a sharp picture; wipe the lens and hold the camera still.',
  'too-dark': 'Choose a brighter picture, with the light in front of the person.',
  'too-bright': 'Choose a picture with less light on the face.',
  'low-contrast': 'Choose a picture without haze or light from behind.',
  'turned-away': 'Choose a picture in which the person looks into the camera.',
  covered: 'Choose a picture without mask, sunglasses, hair or hands before the face.',
  'cut-off': 'Choose a picture with some space around the face.',
};

/** What was wrong with a photo, in a sentence, and what to do about it. */
export interface PhotoProblem {
  readonly code: string;
  readonly sentence: string;
  readonly advice: string;
  /** The code, when the photo can be enrolled all the same. */
  readonly warning: EnrolmentWarningCode | null;
  /** The other person whom the face is like. */
  readonly nearestPersonId: string | null;
}

/** A code that can be overruled; null for any other. */
export function warningOf(code: string): EnrolmentWarningCode | null {
  return enrolmentWarningCodes.find((warning) => warning === code) ?? null;
}

/** The problem of a photo that was not accepted; null for one that was. */
export function photoProblem(result: EnrolmentResponse['results'][number]): PhotoProblem | null {
  if (result.accepted) return null;
  const code = result.code ?? 'internal';
  const known = isErrorCode(code) ? code : 'internal';
  const [worst] = result.reasons ?? [];
  return {
    code,
    sentence: result.message ?? errorCodes[known],
    advice: (worst && qualityAdvice[worst]) ?? advice[known] ?? 'Choose another picture.',
    warning: warningOf(code),
    nearestPersonId: result.nearestPersonId ?? null,
  };
}

/** What can be said of a file before it is sent; null when nothing speaks against it. */
export function problemBeforeUpload(file: { name: string; type: string; size: number }): PhotoProblem | null {
  if (file.size > maxPhotoBytes) return problemOf('image-too-large');
  // An empty type is one that the browser does not know: central decides.
  if (file.type !== '' && !file.type.startsWith('image/')) return problemOf('not-an-image');
  return null;
}

function problemOf(code: ErrorCode): PhotoProblem {
  return {
    code,
    sentence: errorCodes[code],
    advice: advice[code] ?? 'Choose another picture.',
    warning: null,
    nearestPersonId: null,
  };
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code);
}
