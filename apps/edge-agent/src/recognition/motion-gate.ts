import { gridHeight, gridWidth, type LumaGrid } from '../camera/luma-grid.ts';

/** A cell that differs from the background by this much has changed: four times what a noisy sensor does to a mean of 16. */
const changedBy = 8;
/** A face of 48 pixels in a picture of 1280 covers five cells; sparks of noise cover one. */
const changedCells = 3;
/** Share of a new picture in the background: what stands still is part of it after some twenty frames. */
const learningShare = 0.08;
/** So long after a face the frames are analysed whether something moves or not: people who wait stand still. */
const faceHoldMs = 2_000;
/** At least this often a frame is analysed, in case that something came unseen. */
const longestIdleMs = 2_000;
/** While nothing moves, eight pictures a second are looked at: whoever comes is seen so much later at most. */
const stillEveryMs = 125;
/** While something moves but no face is seen, at most this share of the time goes into analysis: a tree is no person. */
const loadWithoutFaces = 0.5;
const smoothing = 0.2;

/**
 * Which frames are worth an analysis: those with something new in them, those around a face, and now and then one. Moving
 * things without faces get less the longer analyses take, so that cameras with faces come first on a busy device.
 */
export class MotionGate {
  private readonly counted: Uint8Array;
  private background: Float32Array | null = null;
  private analysedMs = Number.NEGATIVE_INFINITY;
  private faceMs = Number.NEGATIVE_INFINITY;
  /** How long an analysis takes, waiting for other cameras included; smoothed. */
  private costMs = 0;

  /** @param counted which cells of the grid count, 1 or 0. */
  constructor(counted: Uint8Array) {
    this.counted = counted;
  }

  /** Whether the frame shall be analysed. */
  admits({ cells }: LumaGrid, nowMs: number): boolean {
    const moves = this.moves(cells);
    if (nowMs - this.faceMs < faceHoldMs) return true;
    const idleMs = nowMs - this.analysedMs;
    return idleMs >= longestIdleMs || (moves && idleMs >= this.costMs / loadWithoutFaces);
  }

  /**
   * How long the next frame may wait after one that was not admitted.
   * @param takenMs when that one was taken.
   */
  restMs(takenMs: number, nowMs: number): number {
    return Math.max(0, takenMs + stillEveryMs - nowMs);
  }

  /** A frame was analysed. */
  analysed(faces: number, startedMs: number, endedMs: number): void {
    const cost = endedMs - startedMs;
    this.costMs = this.costMs === 0 ? cost : this.costMs + smoothing * (cost - this.costMs);
    this.analysedMs = startedMs;
    if (faces > 0) this.faceMs = endedMs;
  }

  /** Compares with the background and makes the picture part of it. */
  private moves(cells: Uint8Array): boolean {
    const { background, counted } = this;
    if (!background) {
      this.background = Float32Array.from(cells);
      return true;
    }
    let changed = 0;
    for (let cell = 0; cell < gridWidth * gridHeight; cell++) {
      const value = cells[cell] ?? 0;
      const difference = value - (background[cell] ?? 0);
      if (counted[cell] && Math.abs(difference) >= changedBy) changed++;
      background[cell] = (background[cell] ?? 0) + learningShare * difference;
    }
    return changed >= changedCells;
  }
}
