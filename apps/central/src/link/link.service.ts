import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { CentralConfig } from '@latchkey/config';
import { LatchkeyError } from '@latchkey/domain';
import { MqttSession, SigningKeys } from '@latchkey/link';
import { LatchkeyMqttStrategy } from '@latchkey/link/nest';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { BrokerService } from '../broker/broker.service.ts';
import { HealthService } from '../health/health.service.ts';
import { CENTRAL_CONFIG, LOGGER } from '../runtime/runtime.module.ts';

/** Takes a message that is not of its topic's contract. */
export type InvalidMessageHandler = (topic: string, bytes: Uint8Array, error: LatchkeyError) => Promise<void>;

interface Running {
  readonly session: MqttSession;
  readonly keys: SigningKeys;
  readonly strategy: LatchkeyMqttStrategy;
}

/** Central's one session with the broker, its signing keys, and the transport that brings messages to `@EventPattern` handlers. */
@Injectable()
export class LinkService implements OnModuleInit, OnApplicationShutdown {
  readonly #logger: Logger;
  #running: Running | null = null;
  #onInvalid: InvalidMessageHandler | null = null;

  constructor(
    @Inject(BrokerService) private readonly broker: BrokerService,
    @Inject(HealthService) private readonly health: HealthService,
    @Inject(CENTRAL_CONFIG) private readonly config: CentralConfig,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#logger = logger.child({ part: 'link' });
  }

  /** Loads the keys and prepares the session; it connects when the transport listens. */
  onModuleInit(): void {
    const { url, username, password } = this.broker.centralAddress;
    const session = new MqttSession({
      url,
      username,
      password,
      clientId: `latchkey-central-${randomUUID()}`,
      reconnectMinMs: 100,
      reconnectMaxMs: 5000,
      onProblem: (err) => this.#logger.warn({ err }, 'the connection to the broker has a problem'),
    });
    session.onConnected(() => this.#logger.info({ url }, 'connected to the broker'));
    const strategy = new LatchkeyMqttStrategy({
      session,
      onInvalid: async (topic, bytes, error) => this.#onInvalid?.(topic, bytes, error),
      onFailure: (topic, err) => this.#logger.error({ err, topic }, 'a message was not handled'),
    });
    this.#running = { session, strategy, keys: SigningKeys.loadOrCreate(join(this.config.dataDir, 'keys', 'signing')) };
    this.health.register('broker', () => session.connected);
  }

  async onApplicationShutdown(): Promise<void> {
    const running = this.#running;
    this.#running = null;
    await running?.strategy.close();
    await running?.session.stop();
  }

  /** The session. Throws LatchkeyError `broker-unavailable` before initialisation and after shutdown. */
  get session(): MqttSession {
    return this.#get().session;
  }

  /** The keys that sign what central says. Throws as {@link session}. */
  get keys(): SigningKeys {
    return this.#get().keys;
  }

  /** The transport for `app.connectMicroservice({ strategy })`. Throws as {@link session}. */
  get strategy(): LatchkeyMqttStrategy {
    return this.#get().strategy;
  }

  /** Sets who takes messages that are not of their topic's contract. */
  handleInvalid(handler: InvalidMessageHandler): void {
    this.#onInvalid = handler;
  }

  #get(): Running {
    if (!this.#running) throw new LatchkeyError('broker-unavailable', 'Central has no session with the broker now.');
    return this.#running;
  }
}
