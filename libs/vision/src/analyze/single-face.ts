import { LatchkeyError } from '@latchkey/domain';

/**
 * The one face of a picture.
 * @param faces largest first, as an analyzer gives them.
 * @param options.source what the picture is called in the error message.
 * @param options.largest take the largest of several instead of refusing them.
 * @throws LatchkeyError `no-face` or `several-faces`.
 */
export function singleFace<Face>(
  faces: readonly Face[],
  options: { readonly source: string; readonly largest?: boolean },
): Face {
  const [face] = faces;
  if (!face) {
    throw new LatchkeyError(
      'no-face',
      `No face in "${options.source}"; use a picture in which the face is upright, well lit and at least 40 pixels high.`,
    );
  }
  if (faces.length > 1 && !options.largest) {
    throw new LatchkeyError(
      'several-faces',
      `${faces.length} faces in "${options.source}"; use a picture of one person, or pass --largest.`,
      { details: { faces: faces.length } },
    );
  }
  return face;
}
