import type { DoorContact } from './door-machine.ts';

/** A point in time in milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number;

/** Wall clock and a clock that never jumps; the only sources of time in code that decides. */
export interface Clock {
  /** Wall-clock time. May jump and may be wrong. */
  now(): EpochMs;
  /** Milliseconds since an arbitrary start; never goes back. */
  monotonicMs(): number;
}

/** A picture in memory: interleaved 8-bit RGB, row-major, `data.length === width * height * 3`. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** One picture of a camera. */
export interface Frame {
  readonly image: RgbImage;
  /** Wall-clock time of capture. */
  readonly capturedAt: EpochMs;
  /** The same moment on the clock that never jumps, for ages and intervals. */
  readonly capturedMonotonicMs: number;
  /** Which of the device's cameras it is of. */
  readonly cameraId: string;
  /** What the picture came from, for logs: a file name or a device. */
  readonly source: string;
}

/** Frames of one camera, newest first: a slow reader skips frames, it never queues them. */
export interface Camera {
  frames(signal: AbortSignal): AsyncIterable<Frame>;
}

/** The actuator of one door. */
export interface Door {
  /**
   * Lets one person pass: energises the lock for `holdMs`, and resolves when the actuator has said that it does.
   * @param signal aborted when nobody waits any more: what was not begun then never is, and what was is undone if it can be.
   * @throws when the actuator did not answer; the caller then reports that the door did not open.
   */
  open(holdMs: number, signal: AbortSignal): Promise<void>;
}

/**
 * What a door tells by itself. `contact`: how the leaf stands, at the start and whenever that changes. `contact-lost`: nobody
 * knows until the next `contact`. `exit-pressed`: the button on the inside, or the sensor of its handle.
 */
export type DoorInput =
  | { readonly type: 'contact'; readonly contact: DoorContact }
  | { readonly type: 'contact-lost' }
  | { readonly type: 'exit-pressed' };

/** Contact and button of one door. */
export interface DoorInputs {
  /** Begins to tell; what cannot be read is tried again for as long as it takes. */
  start(tell: (input: DoorInput) => void): void;
  /** Ends that. May be called twice. */
  stop(): Promise<void>;
}

/** A box in pixels of the picture, from its upper left corner. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
