import type { HealthBody } from '@latchkey/contracts';
import type { Logger } from 'pino';
import type { DeviceClock } from '../clock/device-clock.ts';
import type { Feature } from '../runtime/feature.ts';
import type { EventRecorder } from './event-recorder.ts';

/** Writes what happens to the device itself into its log: start and stop, clock, gallery, disk. */
export class HealthLog implements Feature {
  readonly name = 'health';
  private readonly recorder: EventRecorder;
  private readonly logger: Logger;
  private readonly startMessage: string;
  private readonly movedAside: string | null;
  private readonly deviceClock: DeviceClock;
  private stopListening: (() => void) | null = null;
  private started = false;

  /**
   * @param startMessage what the `started` event says.
   * @param movedAside what the `storage-corrupt` event says, null when the database was whole.
   */
  constructor(
    recorder: EventRecorder,
    deviceClock: DeviceClock,
    startMessage: string,
    movedAside: string | null,
    logger: Logger,
  ) {
    this.recorder = recorder;
    this.deviceClock = deviceClock;
    this.startMessage = startMessage;
    this.movedAside = movedAside;
    this.logger = logger;
  }

  start(): void {
    if (this.started) return;
    this.started = true;
    this.stopListening = this.deviceClock.onTrust((trusted) => this.clock(trusted));
    if (this.movedAside !== null) {
      this.logger.error({ message: this.movedAside }, 'the database was damaged');
      this.note('storage-corrupt', this.movedAside);
    }
    this.note('started', this.startMessage);
  }

  stop(): void {
    if (!this.started) return;
    this.started = false;
    this.stopListening?.();
    this.note('stopping', 'The agent is asked to stop.');
  }

  private clock(trusted: boolean): void {
    const message = trusted
      ? 'Central has confirmed the clock.'
      : 'Nothing has confirmed the clock for too long, or it was set.';
    this.logger.info({ trusted }, 'clock');
    this.note(trusted ? 'clock-trusted' : 'clock-untrusted', message);
  }

  /** A gallery is not what central signed. */
  galleryFailed(message: string): void {
    this.note('gallery-failed', message);
  }

  /** Central was away for too long, or is back. */
  galleryLocked(locked: boolean): void {
    if (locked) this.note('gallery-locked', 'Central has not answered for too long; nobody is let in until it does.');
    else this.note('gallery-unlocked', 'Central has answered; people are recognised again.');
  }

  private note(state: HealthBody['state'], message: string): void {
    this.recorder.note('health', { state, message: message.slice(0, 1000) });
  }
}
