import type { Logger } from 'pino';
import type { EventRecorder } from '../events/event-recorder.ts';

/** Tells once that the engine is lost, and once that it is back, however many cameras notice. */
export class EngineLog {
  private readonly recorder: EventRecorder;
  private readonly logger: Logger;
  private lost = false;

  constructor(recorder: EventRecorder, logger: Logger) {
    this.recorder = recorder;
    this.logger = logger;
  }

  /** @param failure null: a frame was analysed. */
  report(failure: string | null): void {
    const lost = failure !== null;
    if (lost === this.lost) return;
    this.lost = lost;
    const message = failure ?? 'Frames are analysed again.';
    this.logger.error({ message }, lost ? 'the engine is lost' : 'the engine is back');
    this.recorder.note('health', { state: lost ? 'engine-lost' : 'engine-back', message: message.slice(0, 1000) });
  }
}
