import type { Camera, Frame } from '@latchkey/domain';

/** A camera that gives the frames that a test shows it, one after another, and then waits for more. */
export class ScriptedCamera implements Camera {
  private readonly shown: Frame[] = [];
  private wake: (() => void) | null = null;

  /** Shows frames. */
  show(...frames: Frame[]): void {
    this.shown.push(...frames);
    this.wake?.();
  }

  async *frames(signal: AbortSignal): AsyncGenerator<Frame> {
    const stop = () => this.wake?.();
    signal.addEventListener('abort', stop);
    try {
      while (!signal.aborted) {
        const frame = this.shown.shift();
        if (frame) yield frame;
        else await this.nextShow();
      }
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  private nextShow(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }
}
