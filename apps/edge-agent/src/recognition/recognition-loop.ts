import { setTimeout as sleep } from 'node:timers/promises';
import type { CameraArea } from '@latchkey/config';
import type { Camera, Clock, Frame } from '@latchkey/domain';
import type { EncodingPlan, FaceAnalyzer, SeenFace } from '@latchkey/vision';
import type { Logger } from 'pino';
import { lumaGrid } from '../camera/luma-grid.ts';
import type { CameraLog } from '../events/camera-log.ts';
import type { Feature } from '../runtime/feature.ts';
import type { EngineLog } from './engine-log.ts';
import type { MotionGate } from './motion-gate.ts';
import { cutRegion, inWholePicture, planInRegion } from './picture-region.ts';
import type { RecognitionStatistics } from './recognition-statistics.ts';

const retryMs = 1_000;

/** Options of {@link RecognitionLoop}. */
export interface RecognitionLoopOptions {
  /** For log lines. */
  readonly name: string;
  readonly camera: Camera;
  readonly log: Pick<CameraLog, 'frame' | 'stillFrame'>;
  /** Null: every frame is analysed. */
  readonly gate: MotionGate | null;
  /** The only part of the picture in which faces are looked for, null: all of it. */
  readonly region: CameraArea | null;
  /** The smallest face that is looked at, in pixels. */
  readonly minFacePx: number;
  /** Whether the door wants to know how live a face is: it takes the time of two more networks. */
  readonly wantsLiveness: () => boolean;
  readonly analyzer: FaceAnalyzer;
  /** Which faces of a frame are worth an encoding. */
  readonly plan: (frame: Frame) => EncodingPlan;
  readonly decide: (frame: Frame, faces: readonly SeenFace[]) => Promise<void>;
  readonly statistics: RecognitionStatistics;
  readonly engine: EngineLog;
  /** Told once, when the first frame was analysed. */
  readonly onFirstFrame: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Takes one camera's newest frame, has it analysed in the worker thread if it shows something new, hands the faces on, and
 * only then takes the next: never more than one frame of a camera is under way. An engine that fails is reported once and
 * tried again; the loop goes on.
 */
export class RecognitionLoop implements Feature {
  readonly name: string;
  private readonly options: RecognitionLoopOptions;
  private running: { readonly controller: AbortController; readonly done: Promise<void> } | null = null;
  private seen = false;

  constructor(options: RecognitionLoopOptions) {
    this.name = options.name;
    this.options = options;
  }

  start(): void {
    if (this.running) return;
    const controller = new AbortController();
    this.running = { controller, done: this.run(controller.signal) };
  }

  async stop(): Promise<void> {
    const { running } = this;
    this.running = null;
    running?.controller.abort();
    await running?.done;
  }

  private async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.watch(signal);
      } catch (error) {
        if (!signal.aborted) this.options.logger.error({ error }, 'the camera failed; starting it again');
      }
      // A camera whose frames end is started again, but not in a circle without a pause.
      await pause(retryMs, signal);
    }
  }

  /** One way through the camera's frames. */
  private async watch(signal: AbortSignal): Promise<void> {
    const frames = this.options.camera.frames(signal)[Symbol.asyncIterator]();
    try {
      while (await this.lookAtNext(frames, signal));
    } finally {
      await frames.return?.();
    }
  }

  /** Its own function, so that no picture outlives its frame; false at the end of the frames. */
  private async lookAtNext(frames: AsyncIterator<Frame>, signal: AbortSignal): Promise<boolean> {
    const next = await frames.next();
    if (next.done || signal.aborted) return false;
    await this.look(next.value, signal);
    return true;
  }

  private async look(frame: Frame, signal: AbortSignal): Promise<void> {
    const { gate, log, clock, decide, statistics, engine, logger } = this.options;
    log.frame();
    const startedMs = clock.monotonicMs();
    if (gate && !gate.admits(lumaGrid(frame.image), startedMs)) {
      log.stillFrame();
      await pause(gate.restMs(startedMs, clock.monotonicMs()), signal);
      return;
    }
    let faces: readonly SeenFace[];
    try {
      faces = await this.analyze(frame, signal);
    } catch (error) {
      if (signal.aborted) return;
      engine.report(error instanceof Error ? error.message : String(error));
      await pause(retryMs, signal);
      return;
    }
    engine.report(null);
    gate?.analysed(faces.length, startedMs, clock.monotonicMs());
    statistics.analysed();
    if (!this.seen) this.options.onFirstFrame();
    this.seen = true;
    try {
      await decide(frame, faces);
    } catch (error) {
      logger.error({ error, source: frame.source }, 'a frame could not be judged');
    }
  }

  private async analyze(frame: Frame, signal: AbortSignal): Promise<readonly SeenFace[]> {
    const { analyzer, region, minFacePx, wantsLiveness } = this.options;
    const plan = this.options.plan(frame);
    const options = { signal, minFacePx, liveness: wantsLiveness() };
    if (region === null) return analyzer.look(frame.image, { ...options, plan });
    const part = cutRegion(frame.image, region);
    const faces = await analyzer.look(part.image, { ...options, plan: planInRegion(plan, part) });
    return faces.map((face) => inWholePicture(face, part));
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
