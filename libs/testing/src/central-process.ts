import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type AgentIdentity, type ChildMessage, childMessage, type SupervisorMessage } from '@latchkey/contracts';
import { freePort } from '@latchkey/embedded';

const program = fileURLToPath(new URL('../../../apps/central/dist/main.js', import.meta.url));

/** Where a {@link CentralProcess} finds what it needs. */
export interface CentralProcessOptions {
  readonly databaseUrl: string;
  readonly dataDir: string;
  /** An external broker; null: central's own, on a port that stays. */
  readonly mqttUrl: string | null;
}

/** Central, compiled, in a process of its own, that a test kills and starts again on the same folder, ports and database. */
export class CentralProcess {
  readonly #options: CentralProcessOptions;
  #ports: { readonly http: number; readonly broker: number } | null = null;
  #child: ChildProcess | null = null;
  #messages: ChildMessage[] = [];

  constructor(options: CentralProcessOptions) {
    this.#options = options;
  }

  /** Whether the program is compiled. */
  static get isBuilt(): boolean {
    return existsSync(program);
  }

  /** Starts it and resolves when it is ready. May be called twice. */
  async start(): Promise<void> {
    if (this.#child) return;
    this.#ports ??= { http: await freePort(0), broker: await freePort(0) };
    this.#messages = [];
    const child = fork(program, [], {
      execArgv: [],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: {
        LATCHKEY_DATABASE_URL: this.#options.databaseUrl,
        LATCHKEY_DATA_DIR: this.#options.dataDir,
        LATCHKEY_HTTP_PORT: `${this.#ports.http}`,
        LATCHKEY_BROKER_PORT: `${this.#ports.broker}`,
        LATCHKEY_LOG_LEVEL: 'fatal',
        ...(this.#options.mqttUrl === null ? {} : { LATCHKEY_MQTT_URL: this.#options.mqttUrl }),
      },
    });
    this.#child = child;
    child.on('message', (message) => this.#messages.push(childMessage.parse(message)));
    child.once('exit', () => {
      if (this.#child === child) this.#child = null;
    });
    await this.#answer(child, ({ type }) => type === 'central-ready');
  }

  /** Makes a device, or gives one that exists a new password. */
  async provision(siteId: string, deviceId: string): Promise<AgentIdentity> {
    const child = this.#child;
    if (!child) throw new Error('Central does not run.');
    const requestId = randomUUID();
    const request: SupervisorMessage = { type: 'provision-device', requestId, siteId, deviceId, name: deviceId };
    child.send(request);
    const answer = await this.#answer(child, (message) => 'requestId' in message && message.requestId === requestId);
    if (answer.type !== 'device-provisioned') throw new Error(`No device ${deviceId}: ${JSON.stringify(answer)}`);
    return answer.identity;
  }

  /** Ends it as a power cut would, and resolves when it is gone. May be called twice. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  async #answer(child: ChildProcess, isAnswer: (message: ChildMessage) => boolean): Promise<ChildMessage> {
    for (;;) {
      const answer = this.#messages.find(isAnswer);
      if (answer) return answer;
      if (this.#child !== child) throw new Error(`Central ended with ${child.exitCode ?? child.signalCode}.`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
