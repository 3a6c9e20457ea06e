import { type EventKind, encodingToBase64, type FaceBody } from '@latchkey/contracts';
import type { FaceDecision, ModelId } from '@latchkey/domain';
import type { SeenFace } from '@latchkey/vision';

/** What an event about a face is made of. */
export interface FaceEventParts {
  readonly decision: FaceDecision;
  readonly face: SeenFace;
  readonly modelId: ModelId;
  readonly trackId: string;
  readonly maxDistance: number;
  readonly galleryRevision: number;
  readonly snapshotId: string | null;
  readonly cameraId: string;
}

/** `spoof` for what is not a live face, `verification` for somebody whom the device knows, `unknown` for everybody else. */
export function kindOf({ outcome }: FaceDecision): EventKind & ('verification' | 'unknown' | 'spoof') {
  if (outcome === 'spoof') return 'spoof';
  return outcome === 'granted' || outcome === 'denied' ? 'verification' : 'unknown';
}

/** The body of an event about a face. */
export function faceBodyOf({
  decision,
  face,
  modelId,
  trackId,
  maxDistance,
  galleryRevision,
  snapshotId,
  cameraId,
}: FaceEventParts): FaceBody {
  const { outcome, personId, claimedPersonId, distance, margin, quality, liveness, reasons } = decision;
  return {
    personId,
    claimedPersonId,
    distance,
    maxDistance,
    margin,
    decision: outcome,
    reasons: [...reasons],
    liveness,
    quality,
    modelId,
    galleryRevision,
    trackId,
    cameraId,
    box: roundedBox(face.box),
    snapshotId,
    encoding: face.encoding && isEnrollable(decision) ? encodingToBase64(face.encoding.values) : null,
  };
}

/**
 * Whether the event carries the encoding, so that one click enrols the face: only of somebody whom nobody is enrolled
 * for. A face between two people is one of them, and a poor one would be a poor enrolment.
 */
function isEnrollable({ outcome, reasons }: FaceDecision): boolean {
  return outcome === 'unknown' && !reasons.includes('narrow-margin');
}

function roundedBox({ x, y, width, height }: FaceBody['box']): FaceBody['box'] {
  const tenth = (value: number) => Math.round(value * 10) / 10;
  return { x: tenth(x), y: tenth(y), width: Math.max(0.1, tenth(width)), height: Math.max(0.1, tenth(height)) };
}
