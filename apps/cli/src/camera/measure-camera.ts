import { type Camera, type Clock, LatchkeyError, type RgbImage } from '@latchkey/domain';
import type { CameraReport } from '@latchkey/edge-agent';

/** What is known of a camera after some seconds. */
export interface CameraMeasurement {
  /** What reads it: a program with its arguments, without passwords. */
  readonly pipeline: string;
  readonly width: number;
  readonly height: number;
  /** Frames that it gave, dropped ones too. */
  readonly frames: number;
  readonly framesPerSecond: number;
  /** Frames that gave way to newer ones before they were taken. */
  readonly droppedFrames: number;
  readonly firstFrameMs: number;
  readonly longestGapMs: number;
  /** The last frame. */
  readonly image: RgbImage;
}

/** How long a camera is measured. */
export interface MeasureOptions {
  readonly seconds: number;
  readonly waitSeconds: number;
  readonly signal: AbortSignal;
  /** Told what reads the camera, before it does. */
  readonly onOpened: (pipeline: string) => void;
}

type Open = (
  clock: Clock,
  report: (report: CameraReport) => void,
) => Promise<{ readonly camera: Camera; readonly description: string }>;

/**
 * Takes a camera's frames as fast as they come and counts them.
 * @throws LatchkeyError `camera-unavailable` when no frame comes in time, and what the camera throws; the signal's reason.
 */
export async function measureCamera(open: Open, options: MeasureOptions): Promise<CameraMeasurement> {
  const { seconds, waitSeconds, signal, onOpened } = options;
  let dropped = 0;
  let message: string | null = null;
  const clock: Clock = { now: () => Date.now(), monotonicMs: () => performance.now() };
  const { camera, description } = await open(clock, (report) => {
    if (report.type === 'skipped') dropped += report.frames;
    if (report.type === 'lost') message = report.message;
  });
  onOpened(description);
  const over = new AbortController();
  const openedMs = performance.now();
  let timer = setTimeout(() => over.abort(), waitSeconds * 1000);
  const times: number[] = [];
  let image: RgbImage | null = null;
  try {
    for await (const frame of camera.frames(AbortSignal.any([signal, over.signal]))) {
      if (times.length === 0) {
        clearTimeout(timer);
        timer = setTimeout(() => over.abort(), seconds * 1000);
      }
      times.push(performance.now());
      image = frame.image;
    }
  } finally {
    clearTimeout(timer);
  }
  signal.throwIfAborted();
  const first = times[0];
  const last = times.at(-1);
  if (image === null || first === undefined || last === undefined) {
    throw new LatchkeyError('camera-unavailable', message ?? `The camera gave no frame within ${waitSeconds} s.`);
  }
  const frames = times.length + dropped;
  const tookMs = last - first;
  return {
    pipeline: description,
    width: image.width,
    height: image.height,
    frames,
    framesPerSecond: tookMs > 0 ? Math.round(((frames - 1) / tookMs) * 10_000) / 10 : 0,
    droppedFrames: dropped,
    firstFrameMs: Math.round(first - openedMs),
    longestGapMs: Math.round(Math.max(0, ...times.slice(1).map((time, i) => time - (times[i] ?? time)))),
    image,
  };
}
