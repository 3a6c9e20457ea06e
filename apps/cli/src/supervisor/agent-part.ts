import { childEnvironment } from '@latchkey/config';
import type { AgentIdentity } from '@latchkey/contracts';
import type { Announcement } from './announcement.ts';
import { writeIdentity } from './identity-file.ts';
import type { PartLog } from './part-log.ts';
import { SupervisedProcess } from './supervised-process.ts';

/** Where an agent's frames come from: `address` as `LATCHKEY_CAMERA` takes it, null when the environment names its cameras. */
export interface AgentCamera {
  readonly address: string | null;
  /** For the console: no passwords. */
  readonly shown: string;
}

/** What an agent part needs. */
export interface AgentPartOptions {
  readonly name: string;
  readonly program: string;
  readonly agentDir: string;
  /** Where its frames come from. */
  readonly camera: AgentCamera;
  readonly modelCacheDir: string;
  readonly log: PartLog;
  announce(announcement: Announcement): void;
  onReady(): void;
  onPid(): void;
}

/** An edge agent as a child process. */
export class AgentPart {
  readonly #options: AgentPartOptions;
  readonly #process: SupervisedProcess<'agent-ready'>;

  constructor(options: AgentPartOptions) {
    this.#options = options;
    this.#process = new SupervisedProcess({
      name: options.name,
      program: options.program,
      log: options.log,
      readyOn: 'agent-ready',
      environment: async () =>
        childEnvironment({
          LATCHKEY_AGENT_DIR: options.agentDir,
          ...(options.camera.address !== null && {
            LATCHKEY_CAMERA: options.camera.address,
            LATCHKEY_CAMERAS: undefined,
          }),
          LATCHKEY_MODEL_CACHE_DIR: options.modelCacheDir,
          // What only central may know.
          LATCHKEY_DATABASE_URL: undefined,
          LATCHKEY_MQTT_URL: undefined,
        }),
      announce: (announcement) => options.announce(announcement),
      onPid: () => options.onPid(),
      onReady: ({ engine, modelId }) => {
        options.onReady();
        return `${modelId} on ${engine}, camera ${options.camera.shown}`;
      },
      onMessage: (message) => {
        if (message.type !== 'progress') return;
        options.announce({ event: 'progress', part: options.name, line: message.line });
      },
    });
  }

  get pid(): number | null {
    return this.#process.pid;
  }

  /** Gives the agent its identity, starts it and waits until it is ready; one that runs is stopped first. */
  async start(identity: AgentIdentity): Promise<void> {
    await this.#process.stop();
    writeIdentity(this.#options.agentDir, identity);
    await this.#process.start();
  }

  /** Stops the agent. May be called twice. */
  stop(): Promise<void> {
    return this.#process.stop();
  }

  /** Ends the agent at once; unless {@link stop} was called it is started again. */
  kill(): void {
    this.#process.kill();
  }
}
