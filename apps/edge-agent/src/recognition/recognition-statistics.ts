/** Figures of the frames and decisions since they were taken last. */
export interface RecognitionFigures {
  readonly framesPerSecond: number;
  readonly droppedFrames: number;
  /** Milliseconds from capture to event on disk; null without decisions. */
  readonly decisionP50Ms: number | null;
  readonly decisionP95Ms: number | null;
}

/** Latencies that are kept of one interval; of more the oldest go. */
const maxLatencies = 1_000;

/** Counts what recognition does, for telemetry. */
export class RecognitionStatistics {
  private frames = 0;
  private dropped = 0;
  private latencies: number[] = [];
  private sinceMs: number;

  constructor(nowMs: number) {
    this.sinceMs = nowMs;
  }

  /** A frame was analysed. */
  analysed(): void {
    this.frames++;
  }

  /** Frames went by while another was analysed. */
  skipped(frames: number): void {
    this.dropped += frames;
  }

  /** A decision was told. */
  decided(latencyMs: number): void {
    this.latencies.push(Math.max(0, latencyMs));
    if (this.latencies.length > maxLatencies) this.latencies.shift();
  }

  /** The figures since the last call, and a new beginning. */
  take(nowMs: number): RecognitionFigures {
    const seconds = Math.max(0.001, (nowMs - this.sinceMs) / 1000);
    const sorted = [...this.latencies].sort((a, b) => a - b);
    const figures = {
      framesPerSecond: Math.round((this.frames / seconds) * 100) / 100,
      droppedFrames: this.dropped,
      decisionP50Ms: quantile(sorted, 0.5),
      decisionP95Ms: quantile(sorted, 0.95),
    };
    this.frames = 0;
    this.dropped = 0;
    this.latencies = [];
    this.sinceMs = nowMs;
    return figures;
  }
}

function quantile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null;
}
