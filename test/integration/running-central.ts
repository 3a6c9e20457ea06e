import { Central } from '@latchkey/central';
import type { CentralConfig } from '@latchkey/config';
import { type AgentIdentity, agentIdentity, loginResponse } from '@latchkey/contracts';
import { TestDatabase, temporaryFolder } from '@latchkey/testing';
import pino from 'pino';
import { FirstAdmin, firstAdminEmail } from '../../apps/central/src/auth/first-admin.ts';
import { BrokerService } from '../../apps/central/src/broker/broker.service.ts';
import { RawDevice } from './raw-device.ts';

/** A whole central with a database of its own and its embedded broker, and somebody who is signed in as admin. */
export class RunningCentral {
  readonly database = new TestDatabase();
  readonly #folder = temporaryFolder();
  readonly #devices: RawDevice[] = [];
  readonly #config: Partial<CentralConfig>;
  #central: Central | null = null;
  #token = '';

  constructor(config: Partial<CentralConfig> = {}) {
    this.#config = config;
  }

  /** The central that runs now. */
  get central(): Central {
    if (!this.#central) throw new Error('Central is not started.');
    return this.#central;
  }

  async start(): Promise<void> {
    await this.database.start();
    await this.startCentral();
  }

  /** Starts central on the database and the folder of the last one. */
  async startCentral(): Promise<void> {
    this.#central = new Central({
      config: {
        databaseUrl: this.database.url,
        mqttUrl: null,
        brokerPort: 0,
        httpHost: '127.0.0.1',
        httpPort: 0,
        dataDir: this.#folder.path,
        dashboardDir: null,
        siteId: 'main',
        timeZone: 'Europe/Vienna',
        engine: 'auto',
        engineDir: `${this.#folder.path}/engines`,
        engineThreads: 1,
        logLevel: 'silent',
        eventRetentionDays: 365,
        ...this.#config,
      },
      logger: pino({ level: 'silent' }),
    });
    await this.#central.start();
    this.#token = await this.#signIn();
  }

  /** Address of the embedded broker that runs now. */
  get mqttUrl(): string {
    return this.central.app.get(BrokerService).publicUrl;
  }

  /** Token of the signed-in admin. */
  get token(): string {
    return this.#token;
  }

  /** Calls the API as admin, or as whoever the token belongs to. */
  async call(method: string, path: string, body?: unknown, token = this.#token): Promise<Response> {
    return fetch(`${this.central.httpUrl}/api/${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  }

  /** The JSON of a successful `GET`. */
  async get<T>(path: string): Promise<T> {
    const response = await this.call('GET', path);
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** Makes a device of the default group. */
  async makeDevice(id: string): Promise<AgentIdentity> {
    const response = await this.call('POST', 'devices', { id, name: id });
    if (response.status !== 201) throw new Error(`POST devices: ${response.status} ${await response.text()}`);
    return agentIdentity.parse(await response.json());
  }

  /** A connected device. */
  async connect(identity: AgentIdentity): Promise<RawDevice> {
    const device = new RawDevice(identity);
    this.#devices.push(device);
    await device.connect();
    return device;
  }

  async #signIn(): Promise<string> {
    const password = this.central.app.get(FirstAdmin).password;
    const response = await this.call('POST', 'auth/login', { email: firstAdminEmail, password }, '');
    return loginResponse.parse(await response.json()).token;
  }

  async stopCentral(): Promise<void> {
    await this.#central?.stop();
    this.#central = null;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#devices.map((device) => device.stop()));
    await this.stopCentral();
    await this.database.stop();
    this.#folder.remove();
  }
}
