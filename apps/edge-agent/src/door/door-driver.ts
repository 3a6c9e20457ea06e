import {
  type Clock,
  type DoorEffect,
  type DoorEvent,
  type DoorGrant,
  type DoorInput,
  type DoorPolicy,
  type DoorState,
  isLiveGrant,
  lockedDoor,
  stepDoor,
} from '@latchkey/domain';
import type { Logger } from 'pino';
import type { EventRecorder } from '../events/event-recorder.ts';
import type { Feature } from '../runtime/feature.ts';
import type { DoorHardware } from './door-hardware.ts';

const tickMs = 100;

/** The share of the actuator's time after which an order is taken back, so that the lock can still say what kept it. */
const patience = 0.95;

/** A decision older than this waited for something that is broken; the person tries again. */
const grantMaxAgeMs = 2_000;

/** A live decision of this process, on its way to the door. */
export type DoorRequest = Omit<DoorGrant, 'sessionId'>;

/** What became of a request. `late`: it was too old; `refused`: the door is not running; in both cases nothing moved. */
export type DoorOutcome = 'opened' | 'failed' | 'late' | 'refused';

/** What a door driver works with. */
export interface DoorDriverParts {
  readonly hardware: DoorHardware;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  /** The door's times; asked at each event, since central changes some of them. */
  readonly times: () => Omit<DoorPolicy, 'grantMaxAgeMs'>;
  /** New for every process. */
  readonly sessionId: string;
  readonly logger: Logger;
}

/**
 * Runs the door machine: gives it what happens, carries out what it says, and writes `door` events about what the
 * actuator did. It opens for {@link DoorDriver.grant} alone, called with live decisions of this process (a recognised face, or
 * a command that answers a challenge of this process), and for the button on the inside. Nothing stored can open the door.
 */
export class DoorDriver implements Feature {
  readonly name = 'door';
  private readonly parts: DoorDriverParts;
  private state: DoorState;
  private running = false;
  private ticking: NodeJS.Timeout | null = null;
  /** Ends the order that the actuator has not answered yet. */
  private order: AbortController | null = null;
  /** What the actuator said of the order that failed, for the event. */
  private failure: string | null = null;
  /** Told what becomes of the request that the actuator has not answered yet. */
  private waiting: ((outcome: DoorOutcome) => void)[] = [];

  constructor(parts: DoorDriverParts) {
    this.parts = parts;
    this.state = lockedDoor(parts.sessionId);
  }

  start(): void {
    if (this.running) return;
    this.running = true;
    const { lock, inputs } = this.parts.hardware;
    lock.start();
    inputs?.start((input) => this.onInput(input));
  }

  async stop(): Promise<void> {
    this.running = false;
    if (this.state.phase === 'unlocking')
      this.fail(this.state.grant, 'The agent was stopped before the lock answered.');
    if (this.ticking) clearInterval(this.ticking);
    this.ticking = null;
    this.takeBackOrder();
    this.state = lockedDoor(this.parts.sessionId);
    this.settle('failed');
    const { lock, inputs } = this.parts.hardware;
    await Promise.all([lock.stop(), inputs?.stop()]);
  }

  /** Where the door is. */
  get phase(): DoorState['phase'] {
    return this.state.phase;
  }

  /**
   * Lets somebody pass; the decision's event must be on disk. A request that comes while the actuator has not answered the
   * one before shares its outcome, unless it is too old itself.
   * @returns what became of it, when the actuator has answered or its time is over; never rejects.
   */
  grant(request: DoorRequest): Promise<DoorOutcome> {
    if (!this.running) return Promise.resolve('refused');
    const at = this.parts.clock.monotonicMs();
    const grant: DoorGrant = { ...request, sessionId: this.parts.sessionId };
    if (!isLiveGrant(this.state, grant, at, { grantMaxAgeMs })) {
      this.fail(grant, `The decision took ${Math.round(at - grant.decidedAt)} ms to reach the door; nothing moved.`);
      return Promise.resolve('late');
    }
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.happen({ type: 'grant', at, grant });
    });
  }

  private onInput(input: DoorInput): void {
    const at = this.parts.clock.monotonicMs();
    switch (input.type) {
      case 'contact':
        this.happen({ type: input.contact === 'open' ? 'contact-opened' : 'contact-closed', at });
        break;
      case 'contact-lost':
        this.happen({ type: 'contact-lost', at });
        break;
      case 'exit-pressed': {
        const request: DoorRequest = { decidedAt: at, origin: 'request-to-exit', trackId: null, personId: null };
        if (this.parts.hardware.exitOpens) void this.grant(request);
        else this.happen({ type: 'exit', at, grant: { ...request, sessionId: this.parts.sessionId } });
        break;
      }
    }
  }

  private happen(event: DoorEvent): void {
    if (!this.running) return;
    const { state, effects } = stepDoor(this.state, event, { ...this.parts.times(), grantMaxAgeMs });
    this.state = state;
    for (const effect of effects) this.carryOut(effect);
    this.tickWhileBusy();
  }

  private carryOut(effect: DoorEffect): void {
    switch (effect.type) {
      case 'energise':
        void this.energise(effect.forMs);
        break;
      case 'report':
        if (effect.action === 'failed') this.orderFailed(effect.grant);
        else this.tell(effect.action, effect.grant);
        if (effect.action !== 'relocked') this.settle(effect.action);
        break;
      case 'raise':
        this.parts.logger.warn({ alarm: effect.alarm }, 'door alarm');
        this.parts.recorder.note('door', { action: effect.alarm, trackId: null, personId: null, reasons: [] });
        break;
    }
  }

  private tell(action: 'opened' | 'relocked', { origin, trackId, personId }: DoorGrant): void {
    this.parts.logger.info({ action, origin, trackId, personId }, 'door');
    this.parts.recorder.note('door', { action, origin, trackId, personId, reasons: [] });
  }

  private orderFailed(grant: DoorGrant): void {
    const message = (this.failure ?? 'The actuator did not answer in time.').slice(0, 300);
    this.failure = null;
    this.takeBackOrder();
    this.fail(grant, message);
  }

  /** An answer that comes now must open nothing, and is not the answer to the next order. */
  private takeBackOrder(): void {
    this.order?.abort();
    this.order = null;
  }

  private fail({ origin, trackId, personId }: DoorGrant, message: string): void {
    this.parts.logger.error({ action: 'failed', origin, trackId, personId, message }, 'door');
    this.parts.recorder.note('door', {
      action: 'failed',
      origin,
      trackId,
      personId,
      reasons: ['door-failed'],
      message,
    });
  }

  private async energise(forMs: number): Promise<void> {
    const order = new AbortController();
    this.order = order;
    const overdue = setTimeout(() => order.abort(), this.parts.times().actuatorTimeoutMs * patience);
    // A lock that never answers must not keep it.
    order.signal.addEventListener('abort', () => clearTimeout(overdue), { once: true });
    try {
      await this.parts.hardware.lock.open(forMs, order.signal);
      if (this.order !== order) return;
      this.order = null;
      this.happen({ type: 'actuated', at: this.parts.clock.monotonicMs() });
    } catch (error) {
      if (this.order !== order) return;
      this.failure = error instanceof Error ? error.message : String(error);
      this.happen({ type: 'actuator-failed', at: this.parts.clock.monotonicMs() });
    } finally {
      clearTimeout(overdue);
    }
  }

  private settle(outcome: DoorOutcome): void {
    for (const resolve of this.waiting.splice(0)) resolve(outcome);
  }

  private tickWhileBusy(): void {
    const busy = this.state.phase !== 'locked';
    if (busy) {
      this.ticking ??= setInterval(() => this.happen({ type: 'tick', at: this.parts.clock.monotonicMs() }), tickMs);
    } else if (this.ticking) {
      clearInterval(this.ticking);
      this.ticking = null;
    }
  }
}
