import { expect, it } from '@jest/globals';
import type { FaceBody } from '@latchkey/contracts';
import { agentLineOf } from './agent-line.ts';

const ada = '018f2f3e-0000-7000-8000-000000000001';
const at = '2026-01-01T00:00:00.000Z';
const face: FaceBody = {
  personId: ada,
  claimedPersonId: null,
  distance: 0.3,
  maxDistance: 0.5,
  margin: null,
  decision: 'granted',
  reasons: ['matched', 'duress'],
  liveness: null,
  quality: 90,
  modelId: 'scripted/4',
  galleryRevision: 7,
  trackId: ada,
  cameraId: 'camera',
  box: { x: 0, y: 0, width: 10, height: 10 },
  snapshotId: null,
  encoding: 'AAAA',
};

it('names who is let in, and gives away neither an encoding nor a silent alarm', () => {
  const line = agentLineOf({ kind: 'verification', body: face }, at, () => 'Ada');
  expect(line).toMatchObject({
    name: 'Ada',
    decision: 'granted',
    distance: 0.3,
    cameraId: 'camera',
    reasons: ['matched'],
  });
  expect(JSON.stringify(line)).not.toMatch(/AAAA|duress/);
  const door = { trackId: ada, personId: ada, reasons: [] };
  expect(agentLineOf({ kind: 'door', body: { ...door, action: 'duress' } }, at, () => 'Ada')).toBeNull();
  expect(agentLineOf({ kind: 'door', body: { ...door, action: 'opened' } }, at, () => 'Ada')).toMatchObject({
    name: 'Ada',
    message: 'opened',
  });
});

it('has no name for somebody who was removed, and says what else happens', () => {
  expect(agentLineOf({ kind: 'verification', body: face }, at, () => null)).toMatchObject({
    personId: ada,
    name: null,
  });
  const health = { state: 'camera-lost', message: 'The camera gives no frames.', cameraId: 'camera' } as const;
  expect(agentLineOf({ kind: 'health', body: health }, at, () => null)).toMatchObject({
    decision: null,
    message: 'The camera gives no frames.',
    cameraId: 'camera',
  });
});
