import { describe, expect, it } from '@jest/globals';
import { type DeviceView, firstDoorPolicy } from '@latchkey/contracts';
import { configState, fleetSummary, type GalleryState } from './device-state.ts';

function aDevice(change: Partial<DeviceView> = {}, galleryState: GalleryState = 'current'): DeviceView {
  return {
    id: 'front-door',
    siteId: 'main',
    name: 'Front door',
    online: true,
    lastSeenAt: '2026-05-01T12:00:00.000Z',
    agentVersion: '0.1.0',
    modelId: 'model',
    engine: 'onnx',
    galleries: [
      {
        groupId: 'everyone',
        epoch: 1,
        revision: 3,
        wantedEpoch: 1,
        wantedRevision: 3,
        persons: 1,
        encodings: 2,
        state: galleryState,
        reportedAt: null,
      },
    ],
    door: firstDoorPolicy,
    configRevision: 2,
    configReported: { revision: 2, accepted: true, message: null },
    telemetry: null,
    createdAt: '2026-05-01T10:00:00.000Z',
    ...change,
  };
}

describe('configState', () => {
  it.each([
    [null, 'unreported'],
    [{ revision: 1, accepted: true, message: null }, 'pending'],
    [{ revision: 1, accepted: false, message: 'votesNeeded is above votesWindow' }, 'refused'],
    [{ revision: 2, accepted: true, message: null }, 'applied'],
  ] as const)('with the report %j is %s', (configReported, state) => {
    expect(configState(aDevice({ configReported }))).toBe(state);
  });
});

describe('fleetSummary', () => {
  it('counts what an operator would act on', () => {
    const summary = fleetSummary([
      aDevice(),
      aDevice({}, 'behind'),
      aDevice({ online: false }, 'behind'),
      aDevice({}, 'failed'),
      aDevice({ configReported: { revision: 1, accepted: false, message: 'no' } }, 'behind'),
    ]);
    expect(summary).toEqual({ online: 4, offline: 1, behind: 1, failed: 2 });
  });
});
