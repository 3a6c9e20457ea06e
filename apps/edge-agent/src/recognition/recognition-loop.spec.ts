import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { HealthBody } from '@latchkey/contracts';
import type { Frame } from '@latchkey/domain';
import { aFace, anImage, eventually, gate, ManualClock, ScriptedAnalyzer, ScriptedCamera } from '@latchkey/testing';
import { pino } from 'pino';
import { EventRecorder, type EventStore } from '../events/event-recorder.ts';
import { EngineLog } from './engine-log.ts';
import { RecognitionLoop } from './recognition-loop.ts';
import { RecognitionStatistics } from './recognition-statistics.ts';

const silent = pino({ level: 'silent' });
const stamp = { occurredAt: 0, clockOffsetMs: null, clockTrusted: false };
const aFrame = (source: string): Frame => ({
  image: anImage(),
  capturedAt: 0,
  capturedMonotonicMs: 0,
  cameraId: 'camera',
  source,
});

describe('recognition', () => {
  let camera: ScriptedCamera;
  let analyzer: ScriptedAnalyzer;
  let decided: string[];
  let health: HealthBody['state'][];
  let ready: number;
  let onDecide: () => Promise<void>;
  let loop: RecognitionLoop;

  beforeEach(() => {
    camera = new ScriptedCamera();
    analyzer = new ScriptedAnalyzer();
    decided = [];
    health = [];
    ready = 0;
    onDecide = async () => undefined;
    const store = {
      append: ({ body }) => {
        health.push((body as HealthBody).state);
        return {};
      },
    } as EventStore;
    const recorder = new EventRecorder(store, () => stamp, silent);
    loop = new RecognitionLoop({
      name: 'recognition',
      camera,
      log: { frame: () => undefined, stillFrame: () => undefined },
      gate: null,
      region: null,
      minFacePx: 48,
      wantsLiveness: () => false,
      clock: new ManualClock(),
      analyzer,
      plan: () => ({ known: [], minQuality: 0 }),
      decide: async ({ source }, faces) => {
        decided.push(`${source}: ${faces.length}`);
        await onDecide();
      },
      statistics: new RecognitionStatistics(0),
      engine: new EngineLog(recorder, silent),
      onFirstFrame: () => ready++,
      logger: silent,
    });
    loop.start();
  });

  afterEach(() => loop.stop());

  it('hands the faces of each frame on, and says once that it is under way', async () => {
    const first = aFrame('first');
    analyzer.put(first.image, aFace([1, 0, 0, 0]));
    camera.show(first, aFrame('second'));
    await eventually('both are judged', () => decided.length === 2);
    expect(decided).toEqual(['first: 1', 'second: 0']);
    expect(ready).toBe(1);
  });

  it('takes no frame before the one before it is judged', async () => {
    const judged = gate();
    onDecide = () => judged.opened;
    camera.show(aFrame('first'), aFrame('second'));
    await eventually('the first is under way', () => decided.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(decided).toEqual(['first: 0']);
    judged.open();
    await eventually('the second follows', () => decided.length === 2);
  });

  it('goes on after a frame that could not be judged', async () => {
    onDecide = () => Promise.reject(new Error('judge'));
    camera.show(aFrame('first'), aFrame('second'));
    await eventually('both are judged', () => decided.length === 2);
  });

  it('tells once that the engine is lost, and that it is back', async () => {
    analyzer.failure = new Error('the thread stopped');
    camera.show(aFrame('first'), aFrame('second'), aFrame('third'));
    await eventually('the loss is told', () => health.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    analyzer.failure = null;
    await eventually('the return is told', () => health.length === 2);
    expect(health).toEqual(['engine-lost', 'engine-back']);
    expect(decided).toEqual(['third: 0']);
  });

  it('ends while it waits for a frame, and can be stopped twice', async () => {
    await loop.stop();
    await loop.stop();
    camera.show(aFrame('late'));
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(decided).toEqual([]);
  });
});

describe('figures of recognition', () => {
  it('are those since they were taken last', () => {
    const statistics = new RecognitionStatistics(0);
    for (let i = 1; i <= 50; i++) {
      statistics.analysed();
      statistics.decided(i * 2);
    }
    statistics.skipped(3);
    expect(statistics.take(10_000)).toEqual({
      framesPerSecond: 5,
      droppedFrames: 3,
      decisionP50Ms: 52,
      decisionP95Ms: 96,
    });
    expect(statistics.take(20_000)).toEqual({
      framesPerSecond: 0,
      droppedFrames: 0,
      decisionP50Ms: null,
      decisionP95Ms: null,
    });
  });
});
