import type { EventView } from '@latchkey/contracts';

let made = 0;

/** An event for specs: an unknown face, newer than every one made before; what is given replaces its fields. */
export function anEvent(change: Partial<EventView> = {}): EventView {
  made += 1;
  const number = String(made).padStart(12, '0');
  const at = new Date(Date.parse('2026-05-01T10:00:00.000Z') + made * 1000).toISOString();
  return {
    id: `018f0000-0000-7000-8000-${number}`,
    streamId: '018f0000-0000-7000-9000-000000000001',
    seq: made,
    kind: 'unknown',
    siteId: 'main',
    deviceId: 'front-door',
    occurredAt: at,
    receivedAt: at,
    clockOffsetMs: 0,
    clockTrusted: true,
    personId: null,
    personName: null,
    claimedPersonId: null,
    distance: 0.81,
    maxDistance: 0.6,
    margin: null,
    decision: 'unknown',
    reasons: ['too-far'],
    liveness: null,
    quality: 60,
    modelId: 'dlib-resnet34',
    galleryRevision: 1,
    trackId: null,
    box: null,
    snapshotId: null,
    thumbnailUrl: null,
    enrollable: true,
    body: null,
    ...change,
  };
}
