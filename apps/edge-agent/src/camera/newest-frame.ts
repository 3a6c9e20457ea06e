import type { Frame } from '@latchkey/domain';

/**
 * Holds one frame between a source that gives them when it likes and a reader that takes them when it can: a newer frame
 * replaces one that waits.
 * @template T a frame, or what one is made of when somebody takes it.
 */
export class NewestFrame<T = Frame> {
  private readonly onDropped: () => void;
  private waiting: T | null = null;
  private end: { readonly error: unknown } | null = null;
  private wake: (() => void) | null = null;

  /** @param onDropped told for every frame that a newer one replaced. */
  constructor(onDropped: () => void) {
    this.onDropped = onDropped;
  }

  /** Whether a frame waits. */
  get hasOne(): boolean {
    return this.waiting !== null;
  }

  /** Puts a frame in; gives the one that it replaces, whose memory is free again. Frames after the end are replaced at once. */
  put(frame: T): T | null {
    if (this.end) return frame;
    const before = this.waiting;
    this.waiting = frame;
    if (before) this.onDropped();
    this.wake?.();
    return before;
  }

  /** No more frames come; with an error that the reader gets after the frame that waits, null for a regular end. */
  finish(error: unknown): void {
    this.end ??= { error };
    this.wake?.();
  }

  /**
   * The newest frame, as soon as there is one; null at the end or when the signal is aborted. One reader at a time.
   * @throws the error that the source ended with.
   */
  async next(signal: AbortSignal): Promise<T | null> {
    while (!signal.aborted) {
      const frame = this.waiting;
      this.waiting = null;
      if (frame) return frame;
      if (this.end) {
        if (this.end.error !== null) throw this.end.error;
        return null;
      }
      await this.change(signal);
    }
    return null;
  }

  private async change(signal: AbortSignal): Promise<void> {
    const changed = new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    const stop = () => this.wake?.();
    signal.addEventListener('abort', stop);
    await changed;
    signal.removeEventListener('abort', stop);
    this.wake = null;
  }
}
