import { chmodSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { parseCamera } from '@latchkey/config';
import type { Frame } from '@latchkey/domain';
import { eventually, type TemporaryFolder, temporaryFolder } from '@latchkey/testing';
import { findCameraPrograms } from '../../apps/edge-agent/src/camera/camera-programs.ts';
import type { CameraReport } from '../../apps/edge-agent/src/camera/camera-report.ts';
import { openCamera, openSource } from '../../apps/edge-agent/src/camera/open-camera.ts';
import { programFrames } from '../../apps/edge-agent/src/camera/program-frames.ts';
import { clock, describeWhere, makeFilm, processesWith, RtspServer, take } from './camera-fixture.ts';

const programs = await findCameraPrograms();
const rtsp = await RtspServer.start();

let stop: AbortController;
let reports: CameraReport[];
const report = (given: CameraReport) => reports.push(given);

beforeEach(() => {
  stop = new AbortController();
  reports = [];
});

afterEach(() => stop.abort());

afterAll(() => rtsp?.stop());

/** One run of a camera. */
async function open(text: string): Promise<AsyncIterator<Frame>> {
  const { camera } = await openSource(parseCamera(text), clock, report);
  return camera.frames(stop.signal)[Symbol.asyncIterator]();
}

/** A camera that keeps itself running. */
const watched = (text: string) =>
  openCamera(parseCamera(text), clock, report).frames(stop.signal)[Symbol.asyncIterator]();

describe.each(['gstreamer', 'ffmpeg'] as const)('%s', (program) => {
  const installed = program === 'gstreamer' ? programs.gstreamer : programs.ffmpeg !== null;

  describeWhere(installed, program, 'as a camera', () => {
    it('gives frames of a picture that moves, each with the time of its capture', async () => {
      const before = Date.now();
      const frames = await take(await open(`test:#program=${program}&fps=20&id=door`), 5);
      for (const [i, { image, cameraId, capturedAt, capturedMonotonicMs }] of frames.entries()) {
        expect({ width: image.width, height: image.height, cameraId }).toEqual({
          width: 640,
          height: 480,
          cameraId: 'door',
        });
        expect(image.data).toHaveLength(640 * 480 * 3);
        expect(capturedAt).toBeGreaterThanOrEqual(before);
        expect(capturedMonotonicMs).toBeGreaterThan(frames[i - 1]?.capturedMonotonicMs ?? 0);
      }
      expect(
        Buffer.compare(frames[0]?.image.data ?? Buffer.alloc(0), frames[4]?.image.data ?? Buffer.alloc(0)),
      ).not.toBe(0);
    });

    it('scales down with all proportions kept, and turns', async () => {
      const [frame] = await take(await open(`test:#program=${program}&width=320&height=320`), 1);
      expect(frame?.image).toMatchObject({ width: 320, height: 240 });
      const [turned] = await take(await open(`test:#program=${program}&width=320&height=320&flip=rotate-90`), 1);
      expect(turned?.image).toMatchObject({ width: 240, height: 320 });
    });

    it('gives a slow reader the frame of now, and counts those that it missed', async () => {
      const camera = await open(`test:#program=${program}&fps=30`);
      await take(camera, 1);
      await delay(1_000);
      const [late] = await take(camera, 1);
      expect(clock.monotonicMs() - (late?.capturedMonotonicMs ?? 0)).toBeLessThan(500);
      expect(reports.filter(({ type }) => type === 'skipped').length).toBeGreaterThan(5);
    });

    it('ends its process with the reader', async () => {
      const mark = program === 'gstreamer' ? 'framerate=7/1' : 'rate=7';
      const camera = await open(`test:#program=${program}&fps=7`);
      await take(camera, 1);
      expect(processesWith(mark)).toHaveLength(1);
      await camera.return?.();
      expect(processesWith(mark)).toHaveLength(0);
    });

    it('is started again when its process hangs, and killed although it does not listen', async () => {
      const mark = program === 'gstreamer' ? 'framerate=9/1' : 'rate=9';
      const camera = watched(`test:#program=${program}&fps=9&stallS=1`);
      await take(camera, 2);
      const [child] = processesWith(mark);
      process.kill(child?.pid ?? 0, 'SIGSTOP');
      await eventually('it gives frames again', async () => {
        await take(camera, 1);
        return reports.some(({ type }) => type === 'back');
      });
      expect(reports.map(({ type }) => type).filter((type) => type !== 'skipped')).toEqual([
        'lost',
        'restarted',
        'back',
      ]);
      expect(processesWith(mark).map(({ pid }) => pid)).not.toContain(child?.pid);
      await camera.return?.();
      expect(processesWith(mark)).toHaveLength(0);
    });

    it.each([
      ['/dev/video99', 'camera-unavailable'],
      ['rtsp://127.0.0.1:1/door', 'camera-unavailable'],
      ['file:/nowhere/film.mp4', 'camera-unavailable'],
    ])('says why %s gives nothing', async (source, code) => {
      await expect(take(await open(`${source}#program=${program}`), 1)).rejects.toMatchObject({ code });
    });
  });
});

describeWhere(programs.gstreamer, 'GStreamer', 'a Jetson’s camera elsewhere', () => {
  it('is missing an element, which is named', async () => {
    await expect(take(await open('csi://0'), 1)).rejects.toMatchObject({
      code: 'camera-program-missing',
      message: expect.stringContaining('nvarguscamerasrc'),
    });
  });
});

describeWhere(programs.gstreamer && programs.ffmpeg !== null, 'GStreamer or ffmpeg', 'a film', () => {
  let folder: TemporaryFolder;
  // A name that a shell, GStreamer's parser or ffmpeg's options would stumble over.
  const name = '-i "a" ! fakesink \\ $(b) \'c\'.avi';

  beforeAll(async () => {
    folder = temporaryFolder();
    await makeFilm(`${folder.path}/${name}`, 2);
    writeFileSync(folder.file('noise.avi'), Buffer.alloc(100_000, 'noise'));
  });

  afterAll(() => folder.remove());

  it.each(['gstreamer', 'ffmpeg'])('is played in its own time and from the beginning again by %s', async (program) => {
    const camera = watched(`file:${folder.path}/${name}#program=${program}`);
    const started = performance.now();
    const frames = await take(camera, 30);
    expect(frames[0]?.image).toMatchObject({ width: 320, height: 240 });
    // 30 frames at 10 a second; the first come as fast as they are decoded.
    expect(performance.now() - started).toBeGreaterThan(2_000);
    expect(reports.filter(({ type }) => type === 'lost')).toEqual([]);
  });

  it.each(['gstreamer', 'ffmpeg'])('that is none is refused by %s', async (program) => {
    const frames = await open(`file:${folder.file('noise.avi')}#program=${program}`);
    await expect(take(frames, 1)).rejects.toMatchObject({ code: expect.stringMatching(/^camera-/) });
  });
});

describe('a program that reads a camera', () => {
  let folder: TemporaryFolder;
  const context = { cameraId: 'door', source: 'test', clock, report };

  beforeAll(() => {
    folder = temporaryFolder();
  });

  afterAll(() => folder.remove());

  function script(text: string) {
    const program = folder.file('camera.sh');
    writeFileSync(program, `#!/bin/sh\n${text}\n`);
    chmodSync(program, 0o700);
    return programFrames({ program, args: [], stdin: null }, [], context, stop.signal);
  }

  it('and gives garbage is ended', async () => {
    await expect(script('yes garbage >&3').next()).rejects.toMatchObject({ code: 'camera-unavailable' });
    expect(processesWith(folder.path)).toHaveLength(0);
  });

  it('and does not want to end is ended by force, with what it started', async () => {
    const frames = script(`trap '' TERM\nprintf 'P6\\n1 1\\n255\\nabc' >&3\nsleep 61.7 &\nwait; sleep 61.7`);
    expect((await frames.next()).value?.image).toEqual({
      width: 1,
      height: 1,
      data: Uint8Array.from(Buffer.from('abc')),
    });
    await frames.return(undefined);
    expect(processesWith('61.7')).toHaveLength(0);
  });

  it('and is not there is named', async () => {
    const frames = programFrames({ program: 'no-such-program', args: [], stdin: null }, [], context, stop.signal);
    await expect(frames.next()).rejects.toMatchObject({ code: 'camera-program-missing' });
  });

  it('holds no more than a few pictures for a reader that takes none', async () => {
    const frame = `head -c 2764800 /dev/zero`;
    const frames = script(`for i in $(seq 150); do printf 'P6\\n1280 720\\n255\\n' >&3; ${frame} >&3; done`);
    await frames.next();
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    await eventually('all of 400 MB were read', () => {
      most = Math.max(most, process.memoryUsage().arrayBuffers);
      return reports.length >= 148;
    });
    expect(most - before).toBeLessThan(60_000_000);
  });
});

describeWhere(
  rtsp !== null && programs.gstreamer && programs.ffmpeg !== null,
  'an RTSP server',
  'a camera over RTSP',
  () => {
    let server: RtspServer | null;

    beforeAll(async () => {
      server = await RtspServer.start('ada', 'pass: word');
    });

    afterAll(() => server?.stop());

    it.each(['gstreamer', 'ffmpeg'])('gives frames through %s', async (program) => {
      const frames = await take(await open(`rtsp://127.0.0.1:${rtsp?.port}/door#program=${program}`), 5);
      expect(frames[4]?.image).toMatchObject({ width: 320, height: 240 });
    });

    it.each(['gstreamer', 'ffmpeg'])('wants the right password through %s', async (program) => {
      const address = (password: string) => `rtsp://ada:${password}@127.0.0.1:${server?.port}/door#program=${program}`;
      expect(await take(await open(address('pass%3A%20word')), 2)).toHaveLength(2);
      await expect(take(await open(address('wrong')), 1)).rejects.toMatchObject({ code: 'camera-unauthorized' });
    });

    it('shows its password to nobody who looks at the list of processes', async () => {
      const frames = await open(`rtsp://ada:pass%3A%20word@127.0.0.1:${server?.port}/door`);
      await take(frames, 1);
      expect(processesWith('pipe:0').length).toBeGreaterThan(0);
      expect(processesWith('pass%3A')).toEqual([]);
      expect(processesWith('pass: word').filter(({ args }) => !args.includes('rtsp-server.py'))).toEqual([]);
    });

    it('is lost when its server is', async () => {
      const own = await RtspServer.start();
      const camera = watched(`rtsp://127.0.0.1:${own?.port}/door#stallS=2`);
      await take(camera, 3);
      await own?.stop();
      void take(camera, Number.POSITIVE_INFINITY);
      await eventually('it is lost', () => reports.some(({ type }) => type === 'lost'));
      expect(reports.find(({ type }) => type === 'lost')).toMatchObject({ code: 'camera-unavailable' });
    });
  },
);
