import { randomBytes } from 'node:crypto';
import type { CentralConfig } from '@latchkey/config';
import { deviceClientId } from '@latchkey/contracts';
import { LatchkeyError, sha256Hex } from '@latchkey/domain';
import { EmbeddedBroker } from '@latchkey/embedded';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { CENTRAL_CONFIG, LOGGER } from '../runtime/runtime.module.ts';
import { AccessRepository } from './access.repository.ts';
import { deviceOfUsername, judgeSubscription, mayPublish, mayUseClientId, sameHash } from './access-rules.ts';

/** How to connect to the broker. */
export interface BrokerAddress {
  /** Without user and password in it. */
  readonly url: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/** Central's own user name at the embedded broker; no device can have it, because it has no `/`. */
const centralUsername = '_central';

/**
 * The broker: in this process unless one is configured. An external broker has accounts and rules of its own; central then only
 * connects to it.
 */
@Injectable()
export class BrokerService implements OnModuleInit, OnApplicationShutdown {
  /** New at every start, and nowhere but in this process. */
  readonly #centralPassword = randomBytes(32).toString('base64url');
  readonly #broker: EmbeddedBroker | null;
  readonly #logger: Logger;
  #url: string | null = null;

  constructor(
    @Inject(AccessRepository) private readonly access: AccessRepository,
    @Inject(CENTRAL_CONFIG) private readonly config: CentralConfig,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#logger = logger.child({ part: 'broker' });
    this.#broker =
      config.mqttUrl === null
        ? new EmbeddedBroker({
            authenticate: (clientId, username, password) => this.#authenticate(clientId, username, password),
            authorizePublish: (username, topic) => this.#authorizePublish(username, topic),
            authorizeSubscribe: (username, filter) => this.#authorizeSubscribe(username, filter),
          })
        : null;
  }

  async onModuleInit(): Promise<void> {
    if (!this.#broker) return;
    const { url } = await this.#broker.start({ port: this.config.brokerPort });
    this.#url = url;
    this.#logger.info({ url }, 'the embedded broker listens');
  }

  async onApplicationShutdown(): Promise<void> {
    this.#url = null;
    await this.#broker?.stop();
  }

  /**
   * Where central itself connects.
   * @throws LatchkeyError `broker-unavailable` before the embedded broker listens.
   */
  get centralAddress(): BrokerAddress {
    if (!this.#broker) return addressOf(this.config.mqttUrl ?? '');
    return { url: this.publicUrl, username: centralUsername, password: this.#centralPassword };
  }

  /** Address for devices and people, without credentials. Throws as {@link centralAddress}. */
  get publicUrl(): string {
    if (this.config.mqttUrl !== null) return addressOf(this.config.mqttUrl).url;
    if (this.#url === null) throw new LatchkeyError('broker-unavailable', 'The embedded broker does not listen yet.');
    return this.#url;
  }

  /**
   * Ends the connections of a device, so that it has to prove anew who it is and what it may read. An external broker must be
   * told by other means.
   */
  async disconnectDevice(siteId: string, deviceId: string): Promise<void> {
    await this.#broker?.disconnectClient(deviceClientId(siteId, deviceId));
  }

  async #authenticate(clientId: string, username: string, password: string): Promise<boolean> {
    if (username === centralUsername) return sameHash(sha256Hex(password), sha256Hex(this.#centralPassword));
    const device = deviceOfUsername(username);
    const hash = device && (await this.access.passwordHash(device.siteId, device.deviceId));
    const allowed =
      device !== null &&
      hash !== null &&
      sameHash(hash, hashDevicePassword(password)) &&
      mayUseClientId(device, clientId);
    if (!allowed) this.#logger.warn({ clientId, username }, 'refused a connection');
    return allowed;
  }

  /** Answers at once: that keeps the order of a device's messages. */
  #authorizePublish(username: string, topic: string): boolean {
    if (username === centralUsername) return true;
    const device = deviceOfUsername(username);
    const allowed = device !== null && mayPublish(device, topic);
    if (!allowed) this.#logger.warn({ username, topic }, 'refused a publish');
    return allowed;
  }

  async #authorizeSubscribe(username: string, filter: string): Promise<boolean> {
    if (username === centralUsername) return true;
    const device = deviceOfUsername(username);
    const verdict = device ? judgeSubscription(device, filter) : ({ type: 'refused' } as const);
    const allowed =
      verdict.type === 'allowed' ||
      (verdict.type === 'if-member' &&
        device !== null &&
        (await this.access.isMember(device.siteId, device.deviceId, verdict.groupId)));
    if (!allowed) this.#logger.warn({ username, filter }, 'refused a subscription');
    return allowed;
  }
}

/** What is stored of a device's password, which is 32 random bytes. */
export function hashDevicePassword(password: string): string {
  return sha256Hex(password);
}

/** An MQTT URL with its credentials taken out of it. */
function addressOf(text: string): BrokerAddress {
  const url = new URL(text);
  const username = url.username === '' ? undefined : decodeURIComponent(url.username);
  const password = url.password === '' ? undefined : decodeURIComponent(url.password);
  url.username = '';
  url.password = '';
  return { url: url.href, username, password };
}
