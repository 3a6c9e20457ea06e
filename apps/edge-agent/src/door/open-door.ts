import type { DoorHardwareConfig } from '@latchkey/config';
import type { Clock } from '@latchkey/domain';
import type { Logger } from 'pino';
import { type DoorHardware, type Lock, lockOf, type ReportDoorPart } from './door-hardware.ts';
import { GpioDoor } from './gpio.door.ts';
import { GpioDoorInputs } from './gpio.door-inputs.ts';
import { GpioTools } from './gpio-tools.ts';
import { HttpRelayDoor } from './http-relay.door.ts';
import { LoggingDoor } from './logging.door.ts';

/**
 * The door that a configuration names. Never throws: what is missing or fails is reported and tried again, and until then the
 * door stays shut.
 */
export function openDoor(
  config: DoorHardwareConfig,
  clock: Clock,
  report: ReportDoorPart,
  logger: Logger,
): DoorHardware {
  const tools = new GpioTools();
  const { contact, requestToExit } = config;
  return {
    lock: openLock(config.lock, tools, clock, report, logger),
    inputs: contact || requestToExit ? new GpioDoorInputs(contact, requestToExit, tools, report) : null,
    exitOpens: requestToExit?.opens ?? true,
  };
}

function openLock(
  lock: DoorHardwareConfig['lock'],
  tools: GpioTools,
  clock: Clock,
  report: ReportDoorPart,
  logger: Logger,
): Lock {
  switch (lock.type) {
    case 'gpio':
      return new GpioDoor(lock, tools, report);
    case 'http':
      return lockOf(new HttpRelayDoor(lock, clock));
    case 'log':
      return lockOf(new LoggingDoor(logger));
  }
}
