import { readdir, readFile } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import { join } from 'node:path';
import type { MachineTelemetry } from '@latchkey/contracts';
import type { MachineGauges } from './machine-gauges.ts';
import { measuredTemperatures } from './temperature-sensors.ts';

/** Where Linux has its sensors (Documentation/ABI/testing/sysfs-class-thermal). */
const thermalFolder = '/sys/class/thermal';

/** The kernel's thermal zones, and the machine's memory; elsewhere than on Linux the memory alone. */
export class LinuxGauges implements MachineGauges {
  private readonly folder: string;

  /** @param folder with a `thermal_zoneN` for each sensor. */
  constructor(folder = thermalFolder) {
    this.folder = folder;
  }

  start(): void {
    // Files are only read when somebody asks.
  }

  stop(): void {
    // Nothing runs.
  }

  async read(): Promise<MachineTelemetry | null> {
    const names = await readdir(this.folder).catch(() => []);
    const numbers = names.flatMap((name) => /^thermal_zone(\d+)$/.exec(name)?.[1] ?? []).sort((a, b) => +a - +b);
    const zones = await Promise.all(numbers.map((number) => this.zone(`thermal_zone${number}`)));
    return {
      memoryUsedBytes: totalmem() - freemem(),
      memoryTotalBytes: totalmem(),
      gpuLoad: null,
      temperatures: measuredTemperatures(zones.flatMap((zone) => (zone ? [zone] : []))),
      power: [],
    };
  }

  /** Null for a sensor that cannot be read now, as those of parts that are off. */
  private async zone(name: string): Promise<readonly [string, number] | null> {
    try {
      const [type, temp] = await Promise.all(
        ['type', 'temp'].map((file) => readFile(join(this.folder, name, file), 'utf8')),
      );
      const sensor = (type ?? '').trim().replace(/[-_]therm(al)?$/i, '');
      const millidegrees = /^-?\d+$/.exec((temp ?? '').trim());
      return millidegrees ? [sensor, Number(millidegrees[0]) / 1000] : null;
    } catch {
      return null;
    }
  }
}
