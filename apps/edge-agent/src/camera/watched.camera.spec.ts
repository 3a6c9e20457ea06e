import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Camera, type Clock, type Frame, LatchkeyError } from '@latchkey/domain';
import { eventually } from '@latchkey/testing';
import type { CameraReport } from './camera-report.ts';
import { countedCells } from './luma-grid.ts';
import { PictureJudge } from './picture-judge.ts';
import { WatchedCamera } from './watched.camera.ts';

const clock: Clock = { now: () => Date.now(), monotonicMs: () => performance.now() };

/** A picture with edges and noise; all of one brightness when it is even. */
function aFrame(source: string, even = false): Frame {
  const data = new Uint8Array(64 * 36 * 3);
  for (let i = 0; i < data.length; i++) data[i] = even ? 3 : ((i >> 4) % 2) * 150 + Math.random() * 40;
  return {
    image: { width: 64, height: 36, data },
    capturedAt: clock.now(),
    capturedMonotonicMs: clock.monotonicMs(),
    cameraId: 'door',
    source,
  };
}

const wait = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });

/** A source by what each of its runs does; the last one is repeated. */
class Runs implements Camera {
  started = 0;
  stopped = 0;
  private readonly runs: ((signal: AbortSignal) => AsyncGenerator<Frame>)[];

  constructor(...runs: ((signal: AbortSignal) => AsyncGenerator<Frame>)[]) {
    this.runs = runs;
  }

  async *frames(signal: AbortSignal): AsyncGenerator<Frame> {
    const run = this.runs[Math.min(this.started++, this.runs.length - 1)];
    try {
      if (run) yield* run(signal);
    } finally {
      this.stopped++;
    }
  }
}

async function* gives(count: number, signal: AbortSignal, even = false): AsyncGenerator<Frame> {
  for (let i = 0; i < count && !signal.aborted; i++) {
    yield aFrame(String(i), even);
    await wait(10, signal);
  }
}

async function* hangs(signal: AbortSignal): AsyncGenerator<Frame> {
  yield aFrame('last');
  await wait(600_000, signal);
}

describe('a watched camera', () => {
  let reports: CameraReport[];
  let stop: AbortController;
  let taken: number;

  beforeEach(() => {
    reports = [];
    stop = new AbortController();
    taken = 0;
  });

  afterEach(() => stop.abort());

  function watch(camera: Camera, changes: { endsNormally?: boolean; coveredMs?: number; stallMs?: number } = {}) {
    const watched = new WatchedCamera({
      camera,
      clock,
      stallMs: changes.stallMs ?? 200,
      startMs: changes.stallMs ?? 200,
      judge: new PictureJudge({ coveredMs: changes.coveredMs ?? 0, frozenMs: 0 }, countedCells(null, [])),
      endsNormally: changes.endsNormally ?? false,
      report: (report) => reports.push(report),
      random: () => 0,
    });
    const reading = (async () => {
      for await (const _ of watched.frames(stop.signal)) taken++;
    })();
    return reading;
  }

  const types = () => reports.map(({ type }) => type);

  it('is started again when it stalls, the run before ended first, and tells both once', async () => {
    const camera = new Runs(hangs, hangs, (signal) => gives(1000, signal));
    void watch(camera);
    await eventually('it runs for the third time', () => taken > 10);
    expect(camera.stopped).toBe(2);
    expect(types()).toEqual(['lost', 'restarted', 'back', 'lost', 'restarted', 'back']);
    expect(reports[0]).toMatchObject({ code: 'camera-unavailable', message: expect.stringContaining('no frame') });
  });

  it('waits longer after each failure, and tells of a failure once while it stays the same', async () => {
    const starts: number[] = [];
    const camera = new Runs(async function* () {
      starts.push(performance.now());
      yield* [] as Frame[];
      throw new LatchkeyError(starts.length < 3 ? 'camera-unavailable' : 'camera-unauthorized', 'no');
    });
    void watch(camera);
    await eventually('three starts', () => starts.length === 3);
    const [first = 0, second = 0, third = 0] = starts;
    expect(second - first).toBeGreaterThanOrEqual(490);
    expect(third - second).toBeGreaterThanOrEqual(990);
    await eventually('the new reason is told', () => types().filter((type) => type === 'lost').length === 2);
  });

  it('begins a film anew at once, and tells nothing of it', async () => {
    const camera = new Runs((signal) => gives(3, signal));
    void watch(camera, { endsNormally: true });
    await eventually('three showings', () => taken > 9);
    expect(types()).toEqual([]);
  });

  it('tells once that it is covered, is started again for it, and tells when it sees', async () => {
    const camera = new Runs(
      (signal) => gives(1000, signal, true),
      (signal) => gives(1000, signal, true),
      (signal) => gives(1000, signal),
    );
    void watch(camera, { coveredMs: 600 });
    await eventually('it sees', () => types().includes('clear'));
    expect(types()).toEqual(['covered', 'restarted', 'restarted', 'clear']);
  });

  it('is not held up by a source that does not end', async () => {
    let runs = 0;
    const stubborn: Camera = {
      frames: () => {
        runs++;
        return { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }) };
      },
    };
    void watch(stubborn, { stallMs: 50 });
    await eventually('it is started again', () => runs === 2);
  });

  it('ends with its signal, also while it waits', async () => {
    const reading = watch(new Runs(hangs), { stallMs: 60_000 });
    await eventually('it runs', () => taken === 1);
    stop.abort();
    await reading;
  });
});
