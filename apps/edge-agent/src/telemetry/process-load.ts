/** CPU time that a process has used since its start, in microseconds (`process.cpuUsage`). */
export interface CpuTime {
  readonly user: number;
  readonly system: number;
}

/** How busy this process keeps the processors, all of its threads together. */
export class ProcessLoad {
  private usedUs: number;
  private sinceMs: number;

  constructor(used: CpuTime, nowMs: number) {
    this.usedUs = used.user + used.system;
    this.sinceMs = nowMs;
  }

  /** The share of one core that it used since the last call, ≥ 0; above 1 when several were busy. A new beginning. */
  take(used: CpuTime, nowMs: number): number {
    const usedUs = used.user + used.system;
    const share = (usedUs - this.usedUs) / 1000 / Math.max(1, nowMs - this.sinceMs);
    this.usedUs = usedUs;
    this.sinceMs = nowMs;
    return Math.max(0, Math.round(share * 1000) / 1000);
  }
}
