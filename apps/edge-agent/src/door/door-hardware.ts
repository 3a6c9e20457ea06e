import type { Door, DoorInputs } from '@latchkey/domain';

/** What a part of the door's hardware has to say of itself. */
export interface DoorPartReport {
  readonly state: 'lost' | 'back';
  /** Which part, and what is the matter, for people. */
  readonly message: string;
}

/** Is told when a part of the door is lost, once, and when it is back. */
export type ReportDoorPart = (report: DoorPartReport) => void;

/** A lock with a life of its own, as one whose line is held at rest. */
export interface Lock extends Door {
  /** Begins to hold the lock shut; what fails is reported and tried again. */
  start(): void;
  /** Leaves the lock shut. May be called twice. */
  stop(): Promise<void>;
}

/** The parts of one door. */
export interface DoorHardware {
  readonly lock: Lock;
  /** Null: the door tells nothing. */
  readonly inputs: DoorInputs | null;
  /** Whether `exit-pressed` opens the lock; else the handle does that, and it only says that nobody breaks in. */
  readonly exitOpens: boolean;
}

/** A door that needs no start and no end, as a lock. */
export function lockOf(door: Door): Lock {
  return {
    open: (holdMs, signal) => door.open(holdMs, signal),
    start: () => undefined,
    stop: async () => undefined,
  };
}
