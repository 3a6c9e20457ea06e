import { describe, expect, it } from '@jest/globals';
import { type Frame, LatchkeyError } from '@latchkey/domain';
import { framesFrom, passingFrames } from './frames-from.ts';

function aFrame(source: string): Frame {
  const image = { width: 1, height: 1, data: new Uint8Array(3) };
  return { image, capturedAt: 0, capturedMonotonicMs: 0, cameraId: 'door', source };
}

/** Gives frames and notes what is asked of it. */
async function* noting(asked: string[], ...sources: string[]): AsyncGenerator<Frame> {
  asked.push('begun');
  try {
    for (const source of sources) yield aFrame(source);
  } finally {
    asked.push('ended');
  }
}

describe('framesFrom', () => {
  it('ends once, however often it is asked after its end', async () => {
    let ends = 0;
    const sources = ['a', 'b'];
    const frames = framesFrom(
      async () => {
        const source = sources.shift();
        return source === undefined ? null : aFrame(source);
      },
      async () => {
        ends++;
      },
    );
    const given: string[] = [];
    for await (const { source } of frames) given.push(source);
    expect(given).toEqual(['a', 'b']);
    expect([await frames.next(), await frames.return?.()]).toEqual(Array(2).fill({ done: true, value: undefined }));
    expect(ends).toBe(1);
  });

  it('gives back what it needed when it fails', async () => {
    let ends = 0;
    const frames = framesFrom(
      async () => {
        throw new LatchkeyError('camera-unavailable', 'It is gone.');
      },
      async () => {
        ends++;
      },
    );
    await expect(frames.next()).rejects.toMatchObject({ code: 'camera-unavailable' });
    expect(ends).toBe(1);
    expect(await frames.next()).toEqual({ done: true, value: undefined });
  });

  it('gives nothing back while a frame is still being made', async () => {
    const order: string[] = [];
    let made: ((frame: Frame) => void) | undefined;
    const frames = framesFrom(
      () =>
        new Promise((resolve) => {
          made = (frame) => {
            order.push('made');
            resolve(frame);
          };
        }),
      async () => {
        order.push('ended');
      },
    );
    const wanted = frames.next();
    const left = frames.return?.();
    await Promise.resolve();
    made?.(aFrame('a'));
    expect(await wanted).toMatchObject({ value: { source: 'a' } });
    await left;
    expect(order).toEqual(['made', 'ended']);
  });
});

describe('passingFrames', () => {
  it('lets somebody look at each frame before its reader has it', async () => {
    const seen: string[] = [];
    const frames = passingFrames(
      () => noting([], 'a', 'b'),
      ({ source }) => seen.push(`looked at ${source}`),
    );
    for await (const { source } of frames) seen.push(`read ${source}`);
    expect(seen).toEqual(['looked at a', 'read a', 'looked at b', 'read b']);
  });

  it('asks for the source once, when the first frame is wanted', async () => {
    let opened = 0;
    const frames = passingFrames(async () => {
      opened++;
      return noting([], 'a', 'b');
    });
    expect(opened).toBe(0);
    await frames.next();
    await frames.next();
    expect(opened).toBe(1);
  });

  it('ends the source when its reader leaves', async () => {
    const asked: string[] = [];
    for await (const _ of passingFrames(() => noting(asked, 'a', 'b'))) break;
    expect(asked).toEqual(['begun', 'ended']);
  });

  it('has nothing to end when no frame was wanted', async () => {
    const asked: string[] = [];
    await passingFrames(() => noting(asked, 'a')).return?.();
    expect(asked).toEqual([]);
  });

  it('passes on why there are no frames', async () => {
    const frames = passingFrames(async () => {
      throw new LatchkeyError('camera-program-missing', 'Install ffmpeg.');
    });
    await expect(frames.next()).rejects.toMatchObject({ code: 'camera-program-missing' });
  });
});
