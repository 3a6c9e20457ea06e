import { type MachineTelemetry, maxTemperatures } from '@latchkey/contracts';

/** The power controllers of Jetsons have no sensor; their drivers say so much at all times. */
const noSensorCelsius = 100;

/** Whether a value is a temperature: sensors of parts that are off read absolute zero or less (Orin: −256 °C). */
function isMeasured(sensor: string, celsius: number): boolean {
  if (/^pmic/i.test(sensor) && celsius === noSensorCelsius) return false;
  return celsius > -60 && celsius < 200;
}

/** The temperatures that are measured, each sensor once, with a tenth of a degree. */
export function measuredTemperatures(
  readings: readonly (readonly [sensor: string, celsius: number])[],
): MachineTelemetry['temperatures'] {
  const measured = new Map<string, number>();
  for (const [sensor, celsius] of readings) {
    if (sensor !== '' && isMeasured(sensor, celsius) && !measured.has(sensor)) measured.set(sensor, celsius);
  }
  return [...measured]
    .slice(0, maxTemperatures)
    .map(([sensor, celsius]) => ({ sensor: sensor.slice(0, 32), celsius: Math.round(celsius * 10) / 10 }));
}
