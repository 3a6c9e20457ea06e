import { randomBytes, randomUUID } from 'node:crypto';
import type { EventEnvelope, FaceBody } from '@latchkey/contracts';
import { bodyHashOf, uuidV7 } from '@latchkey/domain';

/** A stream of its own with so many events, each as the text that travels: about 950 bytes. */
export function benchEvents(count: number): string[] {
  const streamId = randomUUID();
  return Array.from({ length: count }, (_, i) => JSON.stringify(anEvent(streamId, i + 1)));
}

function anEvent(streamId: string, seq: number): EventEnvelope {
  const body: FaceBody = {
    personId: null,
    claimedPersonId: null,
    distance: 0.61,
    maxDistance: 0.5,
    margin: 0.12,
    decision: 'unknown',
    reasons: ['too-far'],
    liveness: null,
    quality: 80,
    modelId: 'dlib-resnet34@1/five-points/none',
    galleryRevision: 12,
    trackId: randomUUID(),
    box: { x: 101.5, y: 80.25, width: 120, height: 131 },
    snapshotId: null,
    encoding: null,
  };
  return {
    streamId,
    seq,
    id: uuidV7(Date.now(), randomBytes(16)),
    kind: 'unknown',
    occurredAt: new Date().toISOString(),
    clockOffsetMs: 3,
    clockTrusted: true,
    bodyHash: bodyHashOf(body),
    body,
  };
}
