import { randomUUID } from 'node:crypto';
import { childEnvironment } from '@latchkey/config';
import type { AgentIdentity, ChildMessage } from '@latchkey/contracts';
import { type ErrorCode, errorCodes, LatchkeyError } from '@latchkey/domain';
import { freePort } from '@latchkey/embedded';
import type { Announcement } from './announcement.ts';
import { Deferred } from './deferred.ts';
import type { PartLog } from './part-log.ts';
import { SupervisedProcess } from './supervised-process.ts';

/** What central says when it is ready. */
export type CentralReady = Extract<ChildMessage, { type: 'central-ready' }>;

/** What the central part needs. */
export interface CentralPartOptions {
  readonly program: string;
  readonly dataDir: string;
  readonly dashboardDir: string | null;
  /** First ports to try; a restart keeps those of the first start while they are free. */
  readonly httpPort: number;
  readonly brokerPort: number;
  readonly log: PartLog;
  databaseUrl(): string;
  announce(announcement: Announcement): void;
  onReady(ready: CentralReady): void;
  onPasswordChanged(): void;
  onPid(): void;
}

const answerTimeoutMs = 30_000;

/** Central as a child process, and the questions that only its supervisor may ask. */
export class CentralPart {
  readonly #options: CentralPartOptions;
  readonly #process: SupervisedProcess<'central-ready'>;
  readonly #questions = new Map<string, Deferred<AgentIdentity>>();
  #httpPort: number;
  #brokerPort: number;

  constructor(options: CentralPartOptions) {
    this.#options = options;
    this.#httpPort = options.httpPort;
    this.#brokerPort = options.brokerPort;
    this.#process = new SupervisedProcess({
      name: 'central',
      program: options.program,
      log: options.log,
      readyOn: 'central-ready',
      environment: () => this.#environment(),
      announce: (announcement) => options.announce(announcement),
      onPid: () => options.onPid(),
      onReady: (ready) => {
        options.onReady(ready);
        return `${ready.httpUrl}  MQTT ${new URL(ready.mqttUrl).host}`;
      },
      onMessage: (message) => this.#received(message),
    });
  }

  get pid(): number | null {
    return this.#process.pid;
  }

  /** Starts central and waits until it is ready. */
  start(): Promise<void> {
    return this.#process.start();
  }

  /** Stops central. May be called twice. */
  async stop(): Promise<void> {
    for (const question of this.#questions.values()) question.reject(unanswered());
    await this.#process.stop();
  }

  /** Ends central at once; unless {@link stop} was called it is started again. */
  kill(): void {
    this.#process.kill();
  }

  /**
   * Makes a device if it is new, and gives it a new password.
   * @throws LatchkeyError with central's code when it refuses, `internal` when it does not answer.
   */
  async provision(siteId: string, deviceId: string, name: string): Promise<AgentIdentity> {
    const requestId = randomUUID();
    const question = new Deferred<AgentIdentity>();
    this.#questions.set(requestId, question);
    const timer = setTimeout(() => question.reject(unanswered()), answerTimeoutMs);
    try {
      if (!this.#process.send({ type: 'provision-device', requestId, siteId, deviceId, name })) throw unanswered();
      return await question.promise;
    } finally {
      clearTimeout(timer);
      this.#questions.delete(requestId);
    }
  }

  async #environment(): Promise<Record<string, string>> {
    this.#httpPort = await freePort(this.#httpPort);
    this.#brokerPort = await freePort(this.#brokerPort);
    return childEnvironment({
      LATCHKEY_DATABASE_URL: this.#options.databaseUrl(),
      LATCHKEY_DATA_DIR: this.#options.dataDir,
      LATCHKEY_HTTP_PORT: String(this.#httpPort),
      LATCHKEY_BROKER_PORT: String(this.#brokerPort),
      LATCHKEY_DASHBOARD_DIR: this.#options.dashboardDir ?? undefined,
    });
  }

  #received(message: ChildMessage): void {
    switch (message.type) {
      case 'progress':
        this.#options.announce({ event: 'progress', part: 'central', line: message.line });
        break;
      case 'admin-password-changed':
        this.#options.onPasswordChanged();
        break;
      case 'device-provisioned':
        this.#questions.get(message.requestId)?.resolve(message.identity);
        break;
      case 'request-failed':
        this.#questions.get(message.requestId)?.reject(new LatchkeyError(known(message.code), message.message));
        break;
    }
  }
}

function known(code: string): ErrorCode {
  return Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : 'internal';
}

function unanswered(): LatchkeyError {
  return new LatchkeyError('internal', 'Central did not answer its supervisor; see its log.');
}
