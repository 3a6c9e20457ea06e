import type { TamperBody } from '@latchkey/contracts';
import type { Clock } from '@latchkey/domain';
import type { Logger } from 'pino';
import type { EventRecorder } from './event-recorder.ts';

/** One event per kind and topic in this time: whoever forges must not be able to fill the outbox with it. */
const quietMs = 60_000;
/** Topics that are remembered at most; a flood over more of them is one event too. */
const maxRemembered = 200;

/** Attempts to deceive the device, as events: the first at once, repetitions of it only counted for a minute. */
export class TamperLog {
  private readonly recorder: EventRecorder;
  private readonly clock: Clock;
  private readonly logger: Logger;
  private readonly seen = new Map<string, { untilMs: number; repeated: number }>();

  constructor(recorder: EventRecorder, clock: Clock, logger: Logger) {
    this.recorder = recorder;
    this.clock = clock;
    this.logger = logger;
  }

  /** Notes one attempt, at a topic or at a camera. */
  note(what: TamperBody['what'], topic: string | null, reason: string, cameraId?: string): void {
    const key = `${what} ${topic ?? cameraId}`;
    const now = this.clock.monotonicMs();
    const before = this.seen.get(key);
    if (before && now < before.untilMs) {
      before.repeated++;
      return;
    }
    for (const [other, { untilMs }] of this.seen) if (now >= untilMs) this.seen.delete(other);
    if (this.seen.size >= maxRemembered) return;
    this.seen.set(key, { untilMs: now + quietMs, repeated: 0 });
    const repetition = before && before.repeated > 0 ? ` (${before.repeated} more before this one)` : '';
    const message = `${reason}${repetition}`.slice(0, 1000);
    this.logger.warn({ what, topic, cameraId, message }, 'tamper');
    const at = { topic: topic?.slice(0, 300) ?? null, ...(cameraId !== undefined && { cameraId }) };
    this.recorder.note('tamper', { what, message, ...at });
  }
}
