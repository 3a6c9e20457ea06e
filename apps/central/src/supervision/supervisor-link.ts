import { type ChildMessage, type SupervisorMessage, supervisorMessage } from '@latchkey/contracts';
import { isLatchkeyError } from '@latchkey/domain';
import type { Logger } from 'pino';
import { FirstAdmin, firstAdminEmail } from '../auth/first-admin.ts';
import { BrokerService } from '../broker/broker.service.ts';
import type { Central } from '../central.ts';
import { DevicesService } from '../devices/devices.service.ts';

/** The side of Node's IPC channel that a forked process sees; `process` has this form. */
export interface IpcChannel {
  send?(message: ChildMessage): boolean;
  on(event: 'message', listener: (message: unknown) => void): unknown;
}

/** What `latchkey up` and central tell each other (`supervision.ts` of the contracts). */
export class SupervisorLink {
  readonly #channel: IpcChannel;
  readonly #logger: Logger;

  constructor(channel: IpcChannel, logger: Logger) {
    this.#channel = channel;
    this.#logger = logger;
  }

  /** A line for the console. Does nothing when nobody supervises. */
  progress(line: string): void {
    this.#send({ type: 'progress', line });
  }

  /**
   * Says that a started central is ready, and answers its supervisor from now on.
   * @param stop is called when the supervisor says so.
   */
  serve(central: Central, stop: (why: string) => void): void {
    if (!this.#channel.send) return;
    const admin = central.app.get(FirstAdmin);
    admin.onPasswordChanged(() => this.#send({ type: 'admin-password-changed' }));
    this.#channel.on('message', (message) => {
      const parsed = supervisorMessage.safeParse(message);
      if (!parsed.success) this.#logger.warn('the supervisor sent a message that is not understood');
      else if (parsed.data.type === 'stop') stop('the supervisor said so');
      else void this.#provision(central, parsed.data);
    });
    this.#send({
      type: 'central-ready',
      httpUrl: central.httpUrl,
      mqttUrl: central.app.get(BrokerService).publicUrl,
      admin: { email: firstAdminEmail, password: admin.password },
    });
  }

  async #provision(central: Central, request: Extract<SupervisorMessage, { type: 'provision-device' }>): Promise<void> {
    const { requestId, ...device } = request;
    try {
      const identity = await central.app.get(DevicesService).provision(device);
      this.#send({ type: 'device-provisioned', requestId, identity });
    } catch (error) {
      this.#logger.error({ err: error, deviceId: device.deviceId }, 'a device could not be provisioned');
      const code = isLatchkeyError(error) ? error.code : 'internal';
      this.#send({ type: 'request-failed', requestId, code, message: error instanceof Error ? error.message : code });
    }
  }

  #send(message: ChildMessage): void {
    try {
      this.#channel.send?.(message);
    } catch (err) {
      this.#logger.warn({ err }, 'the supervisor cannot be told anything any more');
    }
  }
}
