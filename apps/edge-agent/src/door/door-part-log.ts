import type { Logger } from 'pino';
import type { EventRecorder } from '../events/event-recorder.ts';
import type { DoorPartReport } from './door-hardware.ts';

/** Writes into the device's log when a part of the door is lost, and when it is back. */
export class DoorPartLog {
  private readonly recorder: EventRecorder;
  private readonly logger: Logger;

  constructor(recorder: EventRecorder, logger: Logger) {
    this.recorder = recorder;
    this.logger = logger;
  }

  /** Notes one change. */
  note({ state, message }: DoorPartReport): void {
    this.logger[state === 'lost' ? 'error' : 'info'](
      { message },
      state === 'lost' ? 'door part lost' : 'door part back',
    );
    this.recorder.note('health', { state: `door-${state}`, message: message.slice(0, 1000) });
  }
}
