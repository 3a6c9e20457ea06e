import type { DeviceView } from '@latchkey/contracts';

/** How the configuration that a device runs relates to the one that it shall run. */
export type ConfigState = 'applied' | 'pending' | 'refused' | 'unreported';

/** A device that refuses reports the revision that it goes on with, which is an older one; what it last said counts until it says more. */
export function configState({ configRevision, configReported }: DeviceView): ConfigState {
  if (!configReported) return 'unreported';
  if (!configReported.accepted) return 'refused';
  return configReported.revision < configRevision ? 'pending' : 'applied';
}

/** State of one gallery on one device. */
export type GalleryState = DeviceView['galleries'][number]['state'];

/** What the head of the fleet page counts. */
export interface FleetSummary {
  readonly online: number;
  readonly offline: number;
  /** Devices with a gallery that is behind or unknown while they are online. */
  readonly behind: number;
  /** Devices with a failed gallery or a refused configuration. */
  readonly failed: number;
}

/** Counts devices by what an operator would act on. A device counts in `failed` before `behind`. */
export function fleetSummary(devices: readonly DeviceView[]): FleetSummary {
  const failed = devices.filter(
    (device) => configState(device) === 'refused' || device.galleries.some(({ state }) => state === 'failed'),
  );
  const behind = devices.filter(
    (device) => !failed.includes(device) && device.online && device.galleries.some(({ state }) => state !== 'current'),
  );
  const online = devices.filter((device) => device.online).length;
  return { online, offline: devices.length - online, behind: behind.length, failed: failed.length };
}
