import type { Door } from '@latchkey/domain';

/** A door that notes what it was told. */
export class RecordingDoor implements Door {
  /** The hold time of each opening. */
  readonly openings: number[] = [];
  /** What tells that nobody waits any more for the opening that was begun last. */
  signal: AbortSignal | null = null;
  /** Thrown instead of opening, while set. */
  failure: Error | null = null;
  /** Runs when the door is told to open, before it does. */
  onOpen: () => void = () => undefined;

  async open(holdMs: number, signal: AbortSignal): Promise<void> {
    this.signal = signal;
    this.onOpen();
    if (this.failure) throw this.failure;
    this.openings.push(holdMs);
  }
}
