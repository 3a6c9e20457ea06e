import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { DoorBody } from '@latchkey/contracts';
import { eventually, ManualClock, RecordingDoor } from '@latchkey/testing';
import { pino } from 'pino';
import { EventRecorder, type EventStore } from '../events/event-recorder.ts';
import { DoorDriver } from './door-driver.ts';

const silent = pino({ level: 'silent' });
const stamp = { occurredAt: 0, clockOffsetMs: null, clockTrusted: false };

describe('door driver', () => {
  let clock: ManualClock;
  let door: RecordingDoor;
  let driver: DoorDriver;
  let told: DoorBody[];

  beforeEach(() => {
    clock = new ManualClock();
    clock.advance(10_000);
    door = new RecordingDoor();
    told = [];
    const store = {
      append: ({ kind, body }) => {
        if (kind === 'door') told.push(body as DoorBody);
        return {};
      },
    } as EventStore;
    const recorder = new EventRecorder(store, () => stamp, silent);
    driver = new DoorDriver(door, recorder, clock, () => 3_000, 'this-run', silent);
    driver.start();
  });

  afterEach(() => driver.stop());

  const grant = (agoMs = 0) =>
    driver.grant({ decidedAt: clock.monotonicMs() - agoMs, origin: 'recognition', trackId: 'track', personId: 'ada' });
  const actions = () => told.map(({ action }) => action);

  it('opens for a grant, tells what the actuator did, and tells when it is locked again', async () => {
    void grant();
    await eventually('the door is open', () => driver.phase === 'open');
    expect(door.openings).toEqual([3_000]);
    expect(told).toEqual([{ action: 'opened', origin: 'recognition', trackId: 'track', personId: 'ada', reasons: [] }]);
    clock.advance(3_000);
    await eventually('the hold time is over', () => driver.phase === 'relocking');
    clock.advance(500);
    await eventually('the door is locked', () => driver.phase === 'locked');
    expect(actions()).toEqual(['opened', 'relocked']);
  });

  it('tells that the door failed', async () => {
    door.failure = new Error('no answer');
    void grant();
    await eventually('the failure is told', () => told.length > 0);
    expect(told).toEqual([
      { action: 'failed', origin: 'recognition', trackId: 'track', personId: 'ada', reasons: ['door-failed'] },
    ]);
  });

  it('tells that the door failed when the actuator never answers', async () => {
    door.open = () => new Promise(() => undefined);
    void grant();
    clock.advance(2_000);
    await eventually('the failure is told', () => told.length > 0);
    expect(actions()).toEqual(['failed']);
  });

  it('says what became of a request, whoever made it', async () => {
    const command = { decidedAt: clock.monotonicMs(), origin: 'command', trackId: null, personId: null } as const;
    expect(await Promise.all([driver.grant(command), grant(), grant(2_001)])).toEqual(['opened', 'opened', 'refused']);
    expect(told).toEqual([{ action: 'opened', origin: 'command', trackId: null, personId: null, reasons: [] }]);
    door.failure = new Error('no answer');
    expect(await grant()).toBe('failed');
    expect(await grant(2_001)).toBe('refused');
    driver.stop();
    expect(await grant()).toBe('refused');
  });

  it('does not open for a decision that waited too long', async () => {
    void grant(2_001);
    await delay(5);
    expect([door.openings, driver.phase]).toEqual([[], 'locked']);
  });

  it('does not open before it is started and after it is stopped', async () => {
    driver.stop();
    void grant();
    await delay(5);
    expect([door.openings, driver.phase]).toEqual([[], 'locked']);
  });
});
