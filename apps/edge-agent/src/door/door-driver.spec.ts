import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { DoorBody } from '@latchkey/contracts';
import type { DoorPolicy } from '@latchkey/domain';
import { eventually, ManualClock, RecordingDoor, ScriptedDoorInputs } from '@latchkey/testing';
import { pino } from 'pino';
import { EventRecorder, type EventStore } from '../events/event-recorder.ts';
import { DoorDriver } from './door-driver.ts';
import { lockOf } from './door-hardware.ts';

const silent = pino({ level: 'silent' });
const stamp = { occurredAt: 0, clockOffsetMs: null, clockTrusted: false };

describe('door driver', () => {
  let clock: ManualClock;
  let door: RecordingDoor;
  let inputs: ScriptedDoorInputs;
  let recorder: EventRecorder;
  let driver: DoorDriver;
  let times: Omit<DoorPolicy, 'grantMaxAgeMs'>;
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
    recorder = new EventRecorder(store, () => stamp, silent);
    inputs = new ScriptedDoorInputs();
    times = { holdOpenMs: 3_000, relockMs: 500, heldOpenAfterMs: 30_000, actuatorTimeoutMs: 2_000 };
    driver = aDriver(recorder, true);
    driver.start();
  });

  afterEach(() => driver.stop());

  const aDriver = (to: EventRecorder, exitOpens: boolean) =>
    new DoorDriver({
      hardware: { lock: lockOf(door), inputs, exitOpens },
      recorder: to,
      clock,
      times: () => times,
      sessionId: 'this-run',
      logger: silent,
    });
  const grant = (agoMs = 0) =>
    driver.grant({ decidedAt: clock.monotonicMs() - agoMs, origin: 'recognition', trackId: 'track', personId: 'ada' });
  /** From now on the actuator answers an order, by its number, when the test says so. */
  const answersByHand = (): ((order: number) => void) => {
    const answers: (() => void)[] = [];
    door.open = (_, signal) => {
      door.signal = signal;
      return new Promise((resolve) => answers.push(resolve));
    };
    return (order) => answers[order]?.();
  };
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

  it('tells that the door failed, and what the actuator said', async () => {
    door.failure = new Error('no answer');
    void grant();
    await eventually('the failure is told', () => told.length > 0);
    const message = 'no answer';
    expect(told).toEqual([
      { action: 'failed', origin: 'recognition', trackId: 'track', personId: 'ada', reasons: ['door-failed'], message },
    ]);
  });

  it('tells that the door failed when the actuator never answers, and no longer wants what it does then', async () => {
    const answer = answersByHand();
    void grant();
    expect(door.signal?.aborted).toBe(false);
    clock.advance(2_000);
    await eventually('the failure is told', () => told.length > 0);
    expect(told).toMatchObject([{ action: 'failed', message: 'The actuator did not answer in time.' }]);
    expect(door.signal?.aborted).toBe(true);
    void grant();
    answer(0);
    await delay(5);
    expect([driver.phase, actions()]).toEqual(['unlocking', ['failed']]);
    answer(1);
    await eventually('the answer to the second order counts', () => driver.phase === 'open');
    expect(actions()).toEqual(['failed', 'opened']);
  });

  it('takes an order back shortly before its time is over, and tells what kept the lock', async () => {
    times = { ...times, actuatorTimeoutMs: 20 };
    door.open = (_, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('nobody answers at 10.0.0.5')));
      });
    expect(await grant()).toBe('failed');
    expect(told).toMatchObject([{ action: 'failed', message: 'nobody answers at 10.0.0.5' }]);
  });

  it('gives up an order when it is stopped', async () => {
    door.open = (_, signal) => {
      door.signal = signal;
      return new Promise(() => undefined);
    };
    const outcome = grant();
    await driver.stop();
    expect([door.signal?.aborted, await outcome, driver.phase]).toEqual([true, 'failed', 'locked']);
    expect(told).toMatchObject([{ action: 'failed', personId: 'ada', message: expect.stringContaining('stopped') }]);
  });

  it('opens for the button on the inside', async () => {
    inputs.happen({ type: 'exit-pressed' });
    await eventually('the door is open', () => driver.phase === 'open');
    expect(door.openings).toEqual([3_000]);
    expect(told).toEqual([{ action: 'opened', origin: 'request-to-exit', trackId: null, personId: null, reasons: [] }]);
  });

  it('does not open for the button of a door whose handle opens it, and takes nobody who goes out for a burglar', async () => {
    await driver.stop();
    driver = aDriver(recorder, false);
    driver.start();
    inputs.happen({ type: 'exit-pressed' });
    inputs.happen({ type: 'contact', contact: 'open' });
    await delay(5);
    expect([door.openings, told, driver.phase]).toEqual([[], [], 'open']);
    clock.advance(3_000);
    await eventually('the time is over', () => driver.phase === 'relocking');
    clock.advance(30_000);
    await eventually('the door has stood open for too long', () => told.length > 0);
    expect(actions()).toEqual(['held-open']);
  });

  it('tells that the door was forced, and that it is kept open', async () => {
    inputs.happen({ type: 'contact', contact: 'open' });
    expect(actions()).toEqual(['forced']);
    inputs.happen({ type: 'contact', contact: 'closed' });
    void grant();
    await eventually('the door is open', () => driver.phase === 'open');
    inputs.happen({ type: 'contact', contact: 'open' });
    clock.advance(3_000);
    await eventually('the hold time is over', () => driver.phase === 'relocking');
    clock.advance(30_000);
    await eventually('the alarm is told', () => told.length === 3);
    expect(actions()).toEqual(['forced', 'opened', 'held-open']);
  });

  it('locks by time alone when the contact is lost while the door stands open', async () => {
    void grant();
    await eventually('the door is open', () => driver.phase === 'open');
    inputs.happen({ type: 'contact', contact: 'open' });
    inputs.happen({ type: 'contact-lost' });
    clock.advance(3_000);
    await eventually('the hold time is over', () => driver.phase === 'relocking');
    clock.advance(500);
    await eventually('the door is locked', () => driver.phase === 'locked');
    expect(actions()).toEqual(['opened', 'relocked']);
  });

  it('says what became of a request, whoever made it', async () => {
    const command = { decidedAt: clock.monotonicMs(), origin: 'command', trackId: null, personId: null } as const;
    expect(await Promise.all([driver.grant(command), grant(), grant(2_001)])).toEqual(['opened', 'opened', 'late']);
    expect(told).toMatchObject([
      { action: 'failed', origin: 'recognition' },
      { action: 'opened', origin: 'command' },
    ]);
    door.failure = new Error('no answer');
    expect(await grant()).toBe('failed');
    expect(await grant(2_001)).toBe('late');
    await driver.stop();
    expect(await grant()).toBe('refused');
  });

  it('does not open for a decision that waited too long, and tells so', async () => {
    expect(await grant(2_001)).toBe('late');
    expect([door.openings, driver.phase]).toEqual([[], 'locked']);
    const message = 'The decision took 2001 ms to reach the door; nothing moved.';
    expect(told).toMatchObject([{ action: 'failed', personId: 'ada', reasons: ['door-failed'], message }]);
  });

  it('leaves an order alone while it refuses a later decision', async () => {
    const answer = answersByHand();
    const first = grant();
    expect(await grant(2_001)).toBe('late');
    expect(door.signal?.aborted).toBe(false);
    answer(0);
    expect(await first).toBe('opened');
  });

  it('takes nobody for a burglar who hears the lock of an order that was not answered', async () => {
    door.failure = new Error('the connection broke off');
    expect(await grant()).toBe('failed');
    clock.advance(2_900);
    inputs.happen({ type: 'contact', contact: 'open' });
    await delay(5);
    expect(actions()).toEqual(['failed']);
  });

  it('does not open before it is started and after it is stopped', async () => {
    await driver.stop();
    inputs.happen({ type: 'exit-pressed' });
    void grant();
    await delay(5);
    expect([door.openings, driver.phase]).toEqual([[], 'locked']);
  });
});
