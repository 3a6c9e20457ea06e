import type { Camera, Frame } from '@latchkey/domain';
import { passingFrames } from './frames-from.ts';

/** Lets somebody have one frame of a camera while somebody else reads it; keeps none. */
export class TappedCamera implements Camera {
  private readonly camera: Camera;
  private waiting: ((frame: Frame) => void)[] = [];

  constructor(camera: Camera) {
    this.camera = camera;
  }

  frames(signal: AbortSignal): AsyncIterable<Frame> {
    return passingFrames(
      () => this.camera.frames(signal),
      (frame) => {
        for (const resolve of this.waiting.splice(0)) resolve(frame);
      },
    );
  }

  /** The next frame that the camera's reader takes; null when `signal` is aborted before. */
  next(signal: AbortSignal): Promise<Frame | null> {
    if (signal.aborted) return Promise.resolve(null);
    return new Promise((resolve) => {
      const take = (frame: Frame): void => {
        signal.removeEventListener('abort', giveUp);
        resolve(frame);
      };
      const giveUp = (): void => {
        this.waiting = this.waiting.filter((other) => other !== take);
        resolve(null);
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.waiting.push(take);
    });
  }
}
