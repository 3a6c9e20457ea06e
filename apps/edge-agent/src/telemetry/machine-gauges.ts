import type { MachineTelemetry } from '@latchkey/contracts';

/** What the machine says of itself: temperatures, memory and, on a Jetson, graphics processor and power. */
export interface MachineGauges {
  start(): void;
  /** May be called twice. */
  stop(): void;
  /** What they show; null when there are none, or not yet. Never fails. */
  read(): Promise<MachineTelemetry | null>;
}

/** The first of several gauges that shows something. */
export class FirstGauges implements MachineGauges {
  private readonly gauges: readonly MachineGauges[];

  constructor(gauges: readonly MachineGauges[]) {
    this.gauges = gauges;
  }

  start(): void {
    for (const gauge of this.gauges) gauge.start();
  }

  stop(): void {
    for (const gauge of this.gauges) gauge.stop();
  }

  async read(): Promise<MachineTelemetry | null> {
    for (const gauge of this.gauges) {
      const shown = await gauge.read();
      if (shown) return shown;
    }
    return null;
  }
}
