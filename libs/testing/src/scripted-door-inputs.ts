import type { DoorInput, DoorInputs } from '@latchkey/domain';

/** Contact and button of a door that a test moves. */
export class ScriptedDoorInputs implements DoorInputs {
  private listener: ((input: DoorInput) => void) | null = null;

  /** Whether somebody listens. */
  get started(): boolean {
    return this.listener !== null;
  }

  start(tell: (input: DoorInput) => void): void {
    this.listener = tell;
  }

  async stop(): Promise<void> {
    this.listener = null;
  }

  /** The door does this; nobody hears of it while nobody listens. */
  happen(input: DoorInput): void {
    this.listener?.(input);
  }
}
