import type { DeviceView } from '@latchkey/contracts';

type Telemetry = NonNullable<DeviceView['telemetry']>;

/** What a device tells of its machine. */
export type Machine = NonNullable<Telemetry['machine']>;

/** One camera of a device, as it tells of it itself. */
export type DeviceCamera = Telemetry['cameras'][number];

/** From here on it is worth a look: Jetsons slow themselves down above some 95 °C. */
const hotFrom = 85;

/** A sensor as a row. */
export interface SensorRow {
  readonly sensor: string;
  readonly text: string;
  readonly isHot: boolean;
  /** Of a bar from 0 to 100 °C, 0 … 1. */
  readonly share: number;
}

/** All sensors, the hottest first. */
export function sensorRows({ temperatures }: Machine): readonly SensorRow[] {
  return [...temperatures]
    .sort((a, b) => b.celsius - a.celsius)
    .map(({ sensor, celsius }) => ({
      sensor,
      text: `${celsius.toFixed(1)} °C`,
      isHot: celsius >= hotFrom,
      share: Math.min(1, Math.max(0, celsius / 100)),
    }));
}

/** "5 %", of one whole: a core, the graphics processor. */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** Milliwatts as "1.6 W". */
export function watts(milliwatts: number): string {
  return `${(milliwatts / 1000).toFixed(milliwatts < 10_000 ? 2 : 1)} W`;
}

/** Used and all memory as "3.1 of 7.7 GB". */
export function memoryUse({ memoryUsedBytes, memoryTotalBytes }: Machine): string {
  const gigabytes = (bytes: number) => (bytes / 1024 ** 3).toFixed(1);
  return `${gigabytes(memoryUsedBytes)} of ${gigabytes(memoryTotalBytes)} GB`;
}

interface CameraWords {
  readonly text: string;
  readonly tone: 'good' | 'bad' | 'wait';
}

const cameraStates: Readonly<Record<DeviceCamera['state'], CameraWords>> = {
  starting: { text: 'no picture yet', tone: 'wait' },
  running: { text: 'running', tone: 'good' },
  lost: { text: 'gives no pictures', tone: 'bad' },
  covered: { text: 'shows nothing', tone: 'bad' },
  frozen: { text: 'hangs', tone: 'bad' },
};

/** A camera's state in words. */
export function cameraState({ state }: DeviceCamera): CameraWords {
  return cameraStates[state];
}
