import { setTimeout as sleep } from 'node:timers/promises';
import type { Camera, Frame } from '@latchkey/domain';
import type { FaceAnalyzer, FaceObservation } from '@latchkey/vision';
import type { Logger } from 'pino';
import type { EventRecorder } from '../events/event-recorder.ts';
import type { Feature } from '../runtime/feature.ts';
import type { RecognitionStatistics } from './recognition-statistics.ts';

/** The smallest face that is looked at, in pixels: below, encodings tell little. */
const minFacePx = 48;
const retryMs = 1_000;

/** Options of {@link RecognitionLoop}. */
export interface RecognitionLoopOptions {
  readonly camera: Camera;
  readonly analyzer: FaceAnalyzer;
  readonly decide: (frame: Frame, faces: readonly FaceObservation[]) => Promise<void>;
  readonly statistics: RecognitionStatistics;
  readonly recorder: EventRecorder;
  /** Told once, when the first frame was analysed. */
  readonly onFirstFrame: () => void;
  readonly logger: Logger;
}

/**
 * Takes the camera's newest frame, has it analysed in the worker thread, hands the faces on, and only then takes the next:
 * never more than one frame is under way. An engine that fails is reported once and tried again; the loop goes on.
 */
export class RecognitionLoop implements Feature {
  readonly name = 'recognition';
  private readonly options: RecognitionLoopOptions;
  private running: { readonly controller: AbortController; readonly done: Promise<void> } | null = null;
  private engineLost = false;
  private seen = false;

  constructor(options: RecognitionLoopOptions) {
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
        for await (const frame of this.options.camera.frames(signal)) {
          if (signal.aborted) break;
          await this.look(frame, signal);
        }
      } catch (error) {
        if (!signal.aborted) this.options.logger.error({ error }, 'the camera failed; starting it again');
      }
      // A camera whose frames end is started again, but not in a circle without a pause.
      await pause(retryMs, signal);
    }
  }

  private async look(frame: Frame, signal: AbortSignal): Promise<void> {
    const { analyzer, decide, statistics, logger } = this.options;
    let faces: readonly FaceObservation[];
    try {
      faces = await analyzer.analyze(frame.image, { signal, minFacePx });
    } catch (error) {
      if (signal.aborted) return;
      this.reportEngine(error instanceof Error ? error.message : String(error));
      await pause(retryMs, signal);
      return;
    }
    this.reportEngine(null);
    statistics.analysed();
    if (!this.seen) this.options.onFirstFrame();
    this.seen = true;
    try {
      await decide(frame, faces);
    } catch (error) {
      logger.error({ error, source: frame.source }, 'a frame could not be judged');
    }
  }

  private reportEngine(failure: string | null): void {
    const lost = failure !== null;
    if (lost === this.engineLost) return;
    this.engineLost = lost;
    const message = failure ?? 'Frames are analysed again.';
    this.options.logger.error({ message }, lost ? 'the engine is lost' : 'the engine is back');
    this.options.recorder.note('health', {
      state: lost ? 'engine-lost' : 'engine-back',
      message: message.slice(0, 1000),
    });
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
