import {
  type CommandCall,
  type CommandName,
  type CommandResult,
  type CommandView,
  cannotWait,
} from '@latchkey/contracts';
import { isLatchkeyError, LatchkeyError } from '@latchkey/domain';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import type { SignedIn } from '../auth/signed-in.ts';
import type { DeviceKey } from '../devices/device-state.repository.ts';
import { DevicesService } from '../devices/devices.service.ts';
import { WipedDevices } from '../devices/wiped-devices.ts';
import { CentralPublisher } from '../link/central-publisher.ts';
import { newId } from '../runtime/new-id.ts';
import { LOGGER } from '../runtime/runtime.module.ts';
import { commandViewOf, reachSeconds } from './command-times.ts';
import { CommandsRepository } from './commands.repository.ts';

/** Newest commands of a device that are shown. */
const shown = 20;
/** A picture is for the one who asked for it, not for a collection. */
export const pictureSeconds = 3_600;

/**
 * What devices are told to do (PROTOCOL.md §4, ADR 7): central asks for a challenge, and answers the first one with the signed
 * command. Where a command stands is in the database alone, so that any instance may take the next step, and none takes it twice.
 */
@Injectable()
export class CommandsService {
  readonly #logger: Logger;

  constructor(
    @Inject(CommandsRepository) private readonly commands: CommandsRepository,
    @Inject(DevicesService) private readonly devices: DevicesService,
    @Inject(WipedDevices) private readonly wipedDevices: WipedDevices,
    @Inject(CentralPublisher) private readonly publisher: CentralPublisher,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#logger = logger.child({ part: 'commands' });
  }

  /**
   * Gives a command and asks the device for a challenge.
   * @throws LatchkeyError `not-found`, `forbidden` when the role may not, `device-offline` and `broker-unavailable` for what cannot
   * wait.
   */
  async give(deviceId: string, call: CommandCall, { accountId, role }: SignedIn): Promise<CommandView> {
    if (call.name === 'wipe' && role !== 'admin') {
      throw new LatchkeyError('forbidden', 'Only an admin may have a device forget everything; ask one.');
    }
    const { siteId, online } = await this.devices.get(deviceId);
    if (!online && cannotWait(call.name)) {
      throw new LatchkeyError('device-offline', `Device "${deviceId}" is not connected; nothing was sent.`);
    }
    const id = newId();
    await this.commands.insert({ id, deviceId, call, accountId, reachSeconds: reachSeconds(call) });
    await this.#ask({ siteId, deviceId }, { id, call });
    return this.get(id);
  }

  /** @throws LatchkeyError `not-found`. */
  async get(id: string): Promise<CommandView> {
    const row = await this.commands.find(id);
    if (!row) throw new LatchkeyError('not-found', `There is no command "${id}".`);
    return commandViewOf(row);
  }

  /** The newest commands of a device. @throws LatchkeyError `not-found`. */
  async list(deviceId: string): Promise<readonly CommandView[]> {
    await this.devices.get(deviceId);
    return (await this.commands.list(deviceId, shown)).map(commandViewOf);
  }

  /** JPEG of a snapshot. @throws LatchkeyError `not-found` also when its hour is over. */
  async picture(id: string): Promise<Buffer> {
    const picture = await this.commands.picture(id, pictureSeconds);
    if (!picture) throw new LatchkeyError('not-found', 'There is no such picture; they are kept for an hour.');
    return picture;
  }

  /** A device is there: it is asked for what waits for it. */
  async deviceIsBack(device: DeviceKey): Promise<void> {
    for (const command of await this.commands.toAsk(device)) await this.#ask(device, command);
  }

  /** What a device says of a command: a challenge is answered, an end is noted. */
  async hear(device: DeviceKey, name: CommandName, result: CommandResult): Promise<void> {
    const { commandId, nonce } = result;
    if (result.step === 'challenge') {
      const call = await this.commands.take(device, commandId, nonce);
      if (call?.name === name) await this.#execute(device, commandId, nonce, call);
      else this.#logger.warn({ ...device, commandId, name }, 'a challenge came for a command that is not open');
      return;
    }
    const { outcome, message } = result.report;
    // First what follows from it: where that fails, the device's word is taken again.
    if (name === 'wipe' && outcome === 'done' && (await this.commands.isSent(device, commandId, nonce))) {
      await this.wipedDevices.confirm(device.deviceId);
    }
    if (!(await this.commands.end(device, commandId, nonce, result.report))) return;
    this.#logger.info({ ...device, commandId, name, outcome, message }, 'a command has ended');
  }

  async #ask(device: DeviceKey, { id, call }: { readonly id: string; readonly call: CommandCall }): Promise<void> {
    try {
      await this.#publish(device, call.name, { step: 'ask', commandId: id });
    } catch (error) {
      // What can wait is asked for when the device is heard again.
      if (!isLatchkeyError(error, 'broker-unavailable') || !cannotWait(call.name)) {
        this.#logger.warn({ err: error, ...device, commandId: id }, 'a device could not be asked for a challenge yet');
        return;
      }
      await this.commands.abandon(id, 'The MQTT broker did not answer; nothing was sent.');
      throw error;
    }
  }

  async #execute(device: DeviceKey, commandId: string, nonce: string, call: CommandCall): Promise<void> {
    await this.#publish(device, call.name, { step: 'execute', commandId, nonce, call });
    this.#logger.info({ ...device, commandId, name: call.name }, 'a command was sent');
  }

  #publish(
    { siteId, deviceId }: DeviceKey,
    command: CommandName,
    message: Parameters<typeof this.publisher.publish<'command'>>[2],
  ): Promise<void> {
    return this.publisher.publish('command', { site: siteId, device: deviceId, command }, message);
  }
}
