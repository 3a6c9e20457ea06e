import { type MachineTelemetry, maxPowerRails } from '@latchkey/contracts';
import { measuredTemperatures } from './temperature-sensors.ts';

const megabyte = 1024 ** 2;

/**
 * One line of `tegrastats`, as L4T 32 (TX2, Xavier), 35 and 36 (Orin) write it. What a board does not say is null or left out;
 * power is that of the moment, not the average beside it.
 * @returns null when it is no such line.
 */
export function machineOfTegrastats(line: string): MachineTelemetry | null {
  const [, used, total] = /\bRAM (\d+)\/(\d+)MB\b/.exec(line) ?? [];
  if (used === undefined || total === undefined) return null;
  const [, gpu] = /\bGR3D_FREQ (\d+)%/.exec(line) ?? [];
  return {
    memoryUsedBytes: Number(used) * megabyte,
    memoryTotalBytes: Number(total) * megabyte,
    gpuLoad: gpu === undefined ? null : Math.min(1, Number(gpu) / 100),
    temperatures: measuredTemperatures(
      [...line.matchAll(/(?<=^|\s)(\w+)@(-?[\d.]+)C(?=\s|$)/g)].map(([, sensor = '', celsius]) => [
        sensor,
        Number(celsius),
      ]),
    ),
    power: railsOf(line),
  };
}

/** `VDD_IN 1605/1605` on TX2 and Xavier, `VDD_IN 1605mW/1605mW` on Orin. */
function railsOf(line: string): MachineTelemetry['power'] {
  const rails = new Map<string, number>();
  for (const [, rail = '', milliwatts] of line.matchAll(/(?<=\s)([A-Z]\w*) (\d+)(?:mW)?\/\d+(?:mW)?(?=\s|$)/g)) {
    // Not connected.
    if (rail !== 'NC' && !rails.has(rail)) rails.set(rail, Number(milliwatts));
  }
  return [...rails].slice(0, maxPowerRails).map(([rail, milliwatts]) => ({ rail: rail.slice(0, 32), milliwatts }));
}
