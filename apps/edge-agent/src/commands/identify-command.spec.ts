import { beforeEach, describe, expect, it } from '@jest/globals';
import type { FaceBody } from '@latchkey/contracts';
import { ManualClock } from '@latchkey/testing';
import { pino } from 'pino';
import { ClaimDesk } from '../deciding/claim-desk.ts';
import { EventRecorder, type EventStore } from '../events/event-recorder.ts';
import { identifyCommand } from './identify-command.ts';

const ada = '0190a0f0-0000-7000-8000-00000000000a';
const eve = '0190a0f0-0000-7000-8000-00000000000e';

describe('identify', () => {
  let recorder: EventRecorder;
  let claims: ClaimDesk;
  let running: AbortController;

  beforeEach(() => {
    const stamp = { occurredAt: 0, clockOffsetMs: null, clockTrusted: false };
    const store = { append: () => ({}) } as unknown as EventStore;
    recorder = new EventRecorder(store, () => stamp, pino({ level: 'silent' }));
    claims = new ClaimDesk(new ManualClock());
    running = new AbortController();
  });

  const identify = (personId: string, forS = 60) =>
    identifyCommand(recorder, claims, { person: (id) => (id === ada ? {} : null) })(
      { name: 'identify', personId, forS },
      { commandId: 'c', signal: running.signal },
    );

  const face = (overrides: Partial<FaceBody>): FaceBody => ({
    personId: ada,
    claimedPersonId: ada,
    distance: 0.2,
    maxDistance: 0.5,
    margin: 0.3,
    decision: 'granted',
    reasons: ['matched'],
    liveness: null,
    quality: 90,
    modelId: 'm',
    galleryRevision: 1,
    trackId: eve,
    box: { x: 0, y: 0, width: 1, height: 1 },
    snapshotId: null,
    encoding: null,
    ...overrides,
  });

  it('has the door look for that person alone, and answers at once when it is them', async () => {
    const end = identify(ada);
    expect(claims.claim?.personId).toBe(ada);
    recorder.record('health', { state: 'started', message: '' });
    recorder.record('verification', face({ claimedPersonId: null }));
    recorder.record('unknown', face({ personId: null, distance: 0.9, decision: 'denied', reasons: ['claim-not-met'] }));
    recorder.record('verification', face({ distance: 0.21 }));
    expect(await end).toMatchObject({
      report: { outcome: 'done', message: 'It is that person.', identified: { decision: 'granted', distance: 0.21 } },
    });
    expect(claims.claim).toBeNull();
  });

  it('says when the time is over that it was somebody else, by the nearest face', async () => {
    const end = identify(ada, 0.05);
    for (const distance of [0.9, 0.7, 0.8]) {
      recorder.record('unknown', face({ personId: null, distance, decision: 'denied', reasons: ['claim-not-met'] }));
    }
    expect(await end).toMatchObject({
      report: { outcome: 'done', identified: { decision: 'denied', distance: 0.7, reasons: ['claim-not-met'] } },
    });
    expect(claims.claim).toBeNull();
  });

  it('leaves a claim alone that was made meanwhile', async () => {
    const end = identify(ada, 0.05);
    const badge = claims.place(eve, 60_000);
    await end;
    expect(claims.claim).toBe(badge);
  });

  it('looks for nobody whom the device does not hold', async () => {
    expect(await identify(eve)).toMatchObject({ report: { outcome: 'refused' } });
    expect(claims.claim).toBeNull();
  });

  it('withdraws the claim when the agent stops before anybody looked', async () => {
    const end = identify(ada);
    running.abort();
    expect(await end).toMatchObject({ report: { outcome: 'failed' } });
    expect(claims.claim).toBeNull();
  });
});
