import { beforeEach, describe, expect, it } from '@jest/globals';
import type { EventBody, EventKind } from '@latchkey/contracts';
import { ManualClock } from '@latchkey/testing';
import { pino } from 'pino';
import { RecognitionStatistics } from '../recognition/recognition-statistics.ts';
import { CameraLog } from './camera-log.ts';
import { EventRecorder, type EventStore } from './event-recorder.ts';
import { TamperLog } from './tamper-log.ts';

const silent = pino({ level: 'silent' });

describe('what a camera does', () => {
  let events: { kind: EventKind; body: EventBody }[];
  let statistics: RecognitionStatistics;
  let log: CameraLog;

  beforeEach(() => {
    events = [];
    statistics = new RecognitionStatistics(0);
    const store = {
      append: ({ kind, body }) => {
        events.push({ kind, body });
        return {};
      },
    } as EventStore;
    const stamp = { occurredAt: 0, clockOffsetMs: null, clockTrusted: false };
    const recorder = new EventRecorder(store, () => stamp, silent);
    const tamper = new TamperLog(recorder, new ManualClock(), silent);
    log = new CameraLog({ cameraId: 'door', recorder, tamper, statistics, logger: silent, nowMs: 0 });
  });

  it('is counted from telemetry to telemetry', () => {
    for (let i = 0; i < 40; i++) log.frame();
    log.report({ type: 'skipped', frames: 10 });
    log.report({ type: 'restarted' });
    const figures = { id: 'door', state: 'running', lastProblem: null, restarts: 1 };
    expect(log.take(10_000)).toEqual({ ...figures, framesPerSecond: 5, droppedFrames: 10, stillFrames: 0 });
    expect(log.take(20_000)).toEqual({ ...figures, framesPerSecond: 0, droppedFrames: 0, stillFrames: 0 });
    expect(statistics.take(20_000).droppedFrames).toBe(10);
  });

  it('is nothing new while nothing moves, not too much to look at', () => {
    log.frame();
    log.stillFrame();
    log.report({ type: 'skipped', frames: 2 });
    log.frame();
    log.report({ type: 'skipped', frames: 1 });
    expect(log.take(1_000)).toMatchObject({ framesPerSecond: 5, stillFrames: 3, droppedFrames: 1 });
    expect(statistics.take(1_000).droppedFrames).toBe(1);
  });

  it('is told as news once, and its last problem stays to be read', () => {
    expect(log.take(0)).toMatchObject({ state: 'starting', lastProblem: null });
    log.report({ type: 'lost', code: 'camera-unavailable', message: 'It gives no frame.' });
    expect(log.take(0)).toMatchObject({ state: 'lost', lastProblem: 'It gives no frame.' });
    log.report({ type: 'back' });
    log.report({ type: 'covered', message: 'It shows black.' });
    expect(log.take(0)).toMatchObject({ state: 'covered', lastProblem: 'It shows black.' });
    log.report({ type: 'clear' });
    expect(log.take(0)).toMatchObject({ state: 'running', lastProblem: 'It shows black.' });
    expect(events.map(({ kind, body }) => [kind, 'state' in body ? body.state : null])).toEqual([
      ['health', 'camera-lost'],
      ['health', 'camera-back'],
      ['tamper', null],
      ['health', 'camera-back'],
    ]);
  });
});
