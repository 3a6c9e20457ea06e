import type { Clock, Frame } from '@latchkey/domain';
import { CameraProgram, type ProgramLaunch } from './camera-program.ts';
import type { ReportCamera } from './camera-report.ts';
import { NewestFrame } from './newest-frame.ts';
import { PpmReader } from './ppm-reader.ts';
import { programFailure } from './program-failure.ts';

/** Of which camera frames are, and who is told about them. */
export interface FrameContext {
  readonly cameraId: string;
  /** For logs: no passwords. */
  readonly source: string;
  readonly clock: Clock;
  readonly report: ReportCamera;
}

/**
 * Runs a program that writes PPM pictures and gives the newest of them, until it ends. Its pipe is always read, so it never
 * waits and nothing in it grows old; three pictures are held at most: one that is read, one that waits, one of the reader.
 * @throws LatchkeyError `camera-unavailable`, `camera-unauthorized`, `camera-program-missing` when it fails.
 */
export async function* programFrames(
  launch: ProgramLaunch,
  secrets: readonly string[],
  context: FrameContext,
  signal: AbortSignal,
): AsyncGenerator<Frame> {
  const { cameraId, source, clock, report } = context;
  if (signal.aborted) return;
  const newest = new NewestFrame(() => report({ type: 'skipped', frames: 1 }));
  const program = await CameraProgram.start(launch);
  let capturedAt = 0;
  let capturedMonotonicMs = 0;
  const reader = new PpmReader({
    onStart: () => {
      capturedAt = clock.now();
      capturedMonotonicMs = clock.monotonicMs();
    },
    onImage: (image) => newest.put({ image, capturedAt, capturedMonotonicMs, cameraId, source })?.image.data ?? null,
  });
  program.frames.on('data', (chunk: Uint8Array) => {
    try {
      reader.push(chunk);
    } catch (error) {
      program.frames.destroy();
      newest.finish(error);
    }
  });
  program.frames.on('error', () => undefined);
  void program.ended.then((end) => {
    newest.finish(end === null ? null : programFailure(launch.program, end, program.messages, secrets));
  });
  // Also when the reader is busy, or has forgotten to come back.
  const stop = () => void program.stop();
  signal.addEventListener('abort', stop);
  try {
    for (;;) {
      const frame = await newest.next(signal);
      if (!frame) return;
      yield frame;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    await program.stop();
  }
}
