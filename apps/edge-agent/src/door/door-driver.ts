import {
  type Clock,
  type Door,
  type DoorEffect,
  type DoorEvent,
  type DoorGrant,
  type DoorPolicy,
  type DoorState,
  isLiveGrant,
  lockedDoor,
  stepDoor,
} from '@latchkey/domain';
import type { Logger } from 'pino';
import type { EventRecorder } from '../events/event-recorder.ts';
import type { Feature } from '../runtime/feature.ts';

const tickMs = 100;

/** Times that central does not configure. */
const fixedTimes = {
  /** Bolts need this long to fall. */
  relockMs: 500,
  /** The usual half minute until a door that is kept open is reported. */
  heldOpenAfterMs: 30_000,
  actuatorTimeoutMs: 2_000,
  /** A decision older than this waited for something that is broken; the person tries again. */
  grantMaxAgeMs: 2_000,
} as const;

/** A live decision of this process, on its way to the door. */
export type DoorRequest = Omit<DoorGrant, 'sessionId'>;

/** What became of a request. `refused`: it was too old, or the door is not running; nothing moved. */
export type DoorOutcome = 'opened' | 'failed' | 'refused';

/**
 * Runs the door machine: gives it what happens, carries out what it says, and writes `door` events about what the
 * actuator did. Its only way in is {@link DoorDriver.grant}, called with live decisions of this process: a recognised
 * face, or a command that answers a challenge of this process. Nothing stored can open the door.
 */
export class DoorDriver implements Feature {
  readonly name = 'door';
  private readonly door: Door;
  private readonly recorder: EventRecorder;
  private readonly clock: Clock;
  private readonly holdOpenMs: () => number;
  private readonly sessionId: string;
  private readonly logger: Logger;
  private readonly onFailed: (personId: string) => void;
  private state: DoorState;
  private running = false;
  private ticking: NodeJS.Timeout | null = null;
  /** Told what becomes of the request that the actuator has not answered yet. */
  private waiting: ((outcome: DoorOutcome) => void)[] = [];

  /**
   * @param sessionId new for every process.
   * @param onFailed told for whom the door did not open.
   */
  constructor(
    door: Door,
    recorder: EventRecorder,
    clock: Clock,
    holdOpenMs: () => number,
    sessionId: string,
    logger: Logger,
    onFailed: (personId: string) => void = () => undefined,
  ) {
    this.door = door;
    this.recorder = recorder;
    this.clock = clock;
    this.holdOpenMs = holdOpenMs;
    this.sessionId = sessionId;
    this.logger = logger;
    this.onFailed = onFailed;
    this.state = lockedDoor(sessionId);
  }

  start(): void {
    this.running = true;
  }

  stop(): void {
    this.running = false;
    if (this.ticking) clearInterval(this.ticking);
    this.ticking = null;
    this.state = lockedDoor(this.sessionId);
    this.settle('failed');
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
    const at = this.clock.monotonicMs();
    const grant: DoorGrant = { ...request, sessionId: this.sessionId };
    if (!this.running || !isLiveGrant(this.state, grant, at, fixedTimes)) return Promise.resolve('refused');
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.happen({ type: 'grant', at, grant });
    });
  }

  private happen(event: DoorEvent): void {
    if (!this.running) return;
    const policy: DoorPolicy = { holdOpenMs: this.holdOpenMs(), ...fixedTimes };
    const { state, effects } = stepDoor(this.state, event, policy);
    this.state = state;
    for (const effect of effects) this.carryOut(effect);
    this.tickWhileBusy();
  }

  private carryOut(effect: DoorEffect): void {
    switch (effect.type) {
      case 'energise':
        void this.energise(effect.forMs);
        break;
      case 'report': {
        const { origin, trackId, personId } = effect.grant;
        const reasons = effect.action === 'failed' ? (['door-failed'] as const) : [];
        this.logger.info({ action: effect.action, origin, trackId, personId }, 'door');
        this.recorder.note('door', { action: effect.action, origin, trackId, personId, reasons: [...reasons] });
        if (effect.action === 'failed' && personId !== null) this.onFailed(personId);
        if (effect.action !== 'relocked') this.settle(effect.action);
        break;
      }
      case 'raise':
        this.logger.warn({ alarm: effect.alarm }, 'door alarm');
        this.recorder.note('door', { action: effect.alarm, trackId: null, personId: null, reasons: [] });
        break;
    }
  }

  private async energise(forMs: number): Promise<void> {
    try {
      await this.door.open(forMs);
      this.happen({ type: 'actuated', at: this.clock.monotonicMs() });
    } catch (error) {
      this.logger.error({ error }, 'the actuator of the door failed');
      this.happen({ type: 'actuator-failed', at: this.clock.monotonicMs() });
    }
  }

  private settle(outcome: DoorOutcome): void {
    for (const resolve of this.waiting.splice(0)) resolve(outcome);
  }

  private tickWhileBusy(): void {
    const busy = this.state.phase !== 'locked';
    if (busy) {
      this.ticking ??= setInterval(() => this.happen({ type: 'tick', at: this.clock.monotonicMs() }), tickMs);
    } else if (this.ticking) {
      clearInterval(this.ticking);
      this.ticking = null;
    }
  }
}
