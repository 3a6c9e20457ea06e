import { LatchkeyError } from '@latchkey/domain';
import type { FaceObservation, SeenFace } from './face-analyzer.ts';

/**
 * The faces of an analysis in which every face was to be encoded.
 * @throws LatchkeyError `internal` when one was not.
 */
export function encodedFaces(faces: readonly SeenFace[]): readonly FaceObservation[] {
  if (!faces.every(isEncoded)) throw new LatchkeyError('internal', 'A face was not encoded.');
  return faces;
}

function isEncoded(face: SeenFace): face is FaceObservation {
  return face.encoding !== null;
}
