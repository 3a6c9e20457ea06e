import { gridHeight, gridWidth, type LumaGrid } from './luma-grid.ts';

/** What can be said of a camera's pictures over time; `unsure`: nothing yet, or not for long enough. */
export type PictureState = 'ok' | 'unsure' | 'covered' | 'frozen';

/** Limits of {@link PictureJudge}; 0: that is not looked for. */
export interface PictureLimits {
  /** How long the picture may show nothing. */
  readonly coveredMs: number;
  /** How long the picture may stay exactly the same. */
  readonly frozenMs: number;
}

/** A picture whose brightness varies less than this over its cells is even: black, white, or something before the lens. */
const evenDeviation = 6;
/** So is one whose neighbouring cells differ by less on average: a hand before the lens has a gradient but no edges. */
const evenContrast = 0.9;
/**
 * Share of the probed pixels that must change. A sensor's noise changes most of them in every frame; a clock that is drawn into
 * a picture that hangs changes a few.
 */
const changedShare = 0.005;

/**
 * Tells a camera that sees from one that is covered, dark or hangs. A still scene is neither: it has edges, and the noise
 * of the sensor.
 */
export class PictureJudge {
  private readonly limits: PictureLimits;
  private readonly counted: Uint8Array;
  private evenSinceMs: number | null = null;
  private reference: { samples: Uint8Array; sinceMs: number } | null = null;
  private changed = false;

  /** @param counted which cells of the grid count, 1 or 0. */
  constructor(limits: PictureLimits, counted: Uint8Array) {
    this.limits = limits;
    this.counted = counted;
  }

  /** @param atMs when the picture was taken, on a clock that never goes back. */
  look({ cells, samples }: LumaGrid, atMs: number): PictureState {
    const { coveredMs, frozenMs } = this.limits;
    const even = coveredMs > 0 && isEven(cells, this.counted);
    if (!even) this.evenSinceMs = null;
    else this.evenSinceMs ??= atMs;
    if (!this.reference || differ(samples, this.reference.samples)) {
      this.changed = this.reference !== null;
      this.reference = { samples, sinceMs: atMs };
    }
    if (this.evenSinceMs !== null && atMs - this.evenSinceMs >= coveredMs) return 'covered';
    if (frozenMs > 0 && atMs - this.reference.sinceMs >= frozenMs) return 'frozen';
    return even || (frozenMs > 0 && !this.changed) ? 'unsure' : 'ok';
  }

  /** The next picture is the first: the source was started again. */
  reset(): void {
    this.evenSinceMs = null;
    this.reference = null;
    this.changed = false;
  }
}

function isEven(cells: Uint8Array, counted: Uint8Array): boolean {
  let count = 0;
  let sum = 0;
  let squares = 0;
  let steps = 0;
  let stepSum = 0;
  for (let cell = 0; cell < gridWidth * gridHeight; cell++) {
    if (!counted[cell]) continue;
    const value = cells[cell] ?? 0;
    count++;
    sum += value;
    squares += value * value;
    if (cell % gridWidth === gridWidth - 1 || !counted[cell + 1]) continue;
    steps++;
    stepSum += Math.abs(value - (cells[cell + 1] ?? 0));
  }
  if (count === 0) return false;
  const deviation = Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2));
  return deviation < evenDeviation || (steps > 0 && stepSum / steps < evenContrast);
}

function differ(a: Uint8Array, b: Uint8Array): boolean {
  const enough = a.length * changedShare;
  let changed = 0;
  for (let i = 0; i < a.length && changed < enough; i++) if (a[i] !== b[i]) changed++;
  return changed >= enough;
}
