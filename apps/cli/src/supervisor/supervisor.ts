import { accessSync, constants, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { LatchkeyError } from '@latchkey/domain';
import { waitForExit } from '@latchkey/embedded';
import { type AgentCamera, AgentPart } from './agent-part.ts';
import { type Announcement, startCutShort } from './announcement.ts';
import { CentralPart, type CentralReady } from './central-part.ts';
import { DataFolderLock, type ProcessRecord, recordOf, stillRuns } from './data-folder-lock.ts';
import { DatabasePart } from './database-part.ts';
import { demoCamera, fillDemoCamera } from './demo-camera.ts';
import { PartLog } from './part-log.ts';
import type { PartPaths } from './part-paths.ts';
import { RunFile, type RunInfo } from './run-file.ts';

/** What `latchkey up` runs. */
export interface SupervisorOptions {
  readonly dataDir: string;
  /** First port to try. */
  readonly httpPort: number;
  readonly siteId: string;
  /** Null: embedded. */
  readonly databaseUrl: string | null;
  readonly parts: PartPaths;
  /** Null: no demo agent. Its camera; null: photographs of an installed package, played as frames. */
  readonly demo: { readonly camera: AgentCamera | null } | null;
  announce(announcement: Announcement): void;
}

const demo = { deviceId: 'demo', name: 'Demo door', part: 'agent-demo' };
/** The IANA port of MQTT; taken ones are stepped over. */
const firstBrokerPort = 1883;
/** How long children of a killed supervisor may take to notice and end. */
const leftoverTimeoutMs = 10_000;

/** Runs database, central and demo agent as processes, keeps them running, and tells scripts about them in `run.json`. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #dataDir: string;
  readonly #lock: DataFolderLock;
  readonly #runFile: RunFile;
  readonly #database: DatabasePart;
  readonly #central: CentralPart;
  readonly #agent: AgentPart | null;
  #ready: CentralReady | null = null;
  /** Address of the broker that the agent's identity names. */
  #agentBroker: string | null = null;
  #complete = false;
  #stopping = false;
  #starting: Promise<unknown> = Promise.resolve();

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#dataDir = resolve(options.dataDir);
    this.#lock = new DataFolderLock(this.#dataDir);
    this.#runFile = new RunFile(this.#dataDir);
    const announce = (announcement: Announcement) => options.announce(announcement);
    const log = (name: string) => new PartLog(join(this.#dataDir, 'logs', `${name}.log`));
    this.#database = new DatabasePart({
      databaseUrl: options.databaseUrl,
      dataDir: join(this.#dataDir, 'postgres'),
      announce,
      onRestarted: (moved) => {
        // Central learns the address from its environment; its end starts it again with the new one.
        if (moved) this.#central.kill();
        this.#publish();
      },
    });
    this.#central = new CentralPart({
      program: options.parts.central,
      dataDir: this.#dataDir,
      dashboardDir: options.parts.dashboard,
      httpPort: options.httpPort,
      brokerPort: firstBrokerPort,
      log: log('central'),
      databaseUrl: () => this.#database.url ?? '',
      announce,
      onReady: (ready) => this.#centralReady(ready),
      onPasswordChanged: () => {
        if (this.#ready) this.#ready = { ...this.#ready, admin: { ...this.#ready.admin, password: null } };
        this.#publish();
      },
      onPid: () => this.#recordChildren(),
    });
    this.#agent = options.demo
      ? new AgentPart({
          name: demo.part,
          program: options.parts.agent,
          agentDir: join(this.#dataDir, demo.part),
          camera: options.demo.camera ?? demoCamera(this.#dataDir),
          modelCacheDir: join(this.#dataDir, 'models'),
          log: log(demo.part),
          announce,
          onReady: () => this.#publish(),
          onPid: () => this.#recordChildren(),
        })
      : null;
  }

  /**
   * Starts everything, one after another, and writes `run.json`. What was started is stopped again when something fails.
   * @throws LatchkeyError `storage-failed` when the folder cannot be written or another supervisor works on it, else what the failing part says.
   */
  async start(): Promise<RunInfo> {
    const starting = this.#start();
    this.#starting = starting.catch(() => {});
    try {
      return await starting;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Stops agent, central and database in this order and removes `run.json`. May be called twice, and during a start. */
  async stop(): Promise<void> {
    this.#stopping = true;
    // Without the lock the folder, and all that runs on it, is somebody else's.
    if (!this.#lock.isHeld) return;
    this.#runFile.remove();
    await this.#agent?.stop();
    await this.#central.stop();
    await this.#starting;
    await this.#database.stop();
    this.#lock.release();
  }

  /** Makes a running {@link stop} impatient: agent and central end at once. */
  hurry(): void {
    this.#agent?.kill();
    this.#central.kill();
  }

  async #start(): Promise<RunInfo> {
    makeFolder(join(this.#dataDir, 'logs'));
    const left = this.#lock.acquire();
    this.#runFile.remove();
    await endLeftovers(left);
    if (this.#options.demo?.camera === null) fillDemoCamera(this.#dataDir, this.#options.parts.demoCamera);
    this.#unlessStopping();
    await this.#database.start();
    this.#unlessStopping();
    await this.#central.start();
    this.#unlessStopping();
    await this.#startAgent();
    this.#unlessStopping();
    this.#complete = true;
    return this.#publish() ?? Promise.reject(startCutShort());
  }

  #unlessStopping(): void {
    if (this.#stopping) throw startCutShort();
  }

  async #startAgent(): Promise<void> {
    if (!this.#agent || !this.#ready) return;
    const { mqttUrl } = this.#ready;
    const identity = await this.#central.provision(this.#options.siteId, demo.deviceId, demo.name);
    this.#unlessStopping();
    this.#agentBroker = mqttUrl;
    await this.#agent.start(identity);
  }

  #centralReady(ready: CentralReady): void {
    this.#ready = ready;
    this.#publish();
    // A restart that had to take another port: the agent would look for its broker at the old one for ever.
    if (this.#complete && this.#agent && ready.mqttUrl !== this.#agentBroker) {
      this.#startAgent().catch((error: Error) => {
        this.#options.announce({ event: 'progress', part: demo.part, line: `was not moved: ${error.message}` });
      });
    }
  }

  /** Writes `run.json` once everything was ready, and again whenever something changes. */
  #publish(): RunInfo | null {
    const databaseUrl = this.#database.url;
    if (!this.#complete || this.#stopping || !this.#ready || databaseUrl === null) return null;
    const { httpUrl, mqttUrl, admin } = this.#ready;
    const processes = [
      { name: 'supervisor', pid: process.pid },
      { name: 'postgres', pid: this.#database.pid },
      { name: 'central', pid: this.#central.pid },
      { name: demo.part, pid: this.#agent?.pid ?? null },
    ].flatMap(({ name, pid }) => (pid === null ? [] : [{ name, pid }]));
    const info = { httpUrl, mqttUrl, databaseUrl, admin, processes };
    this.#runFile.write(info);
    return info;
  }

  #recordChildren(): void {
    const pids = { central: this.#central.pid, [demo.part]: this.#agent?.pid ?? null };
    const records = Object.entries(pids).map(([name, pid]) => (pid === null ? null : recordOf(name, pid)));
    this.#lock.record(records.filter((record) => record !== null));
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (cause) {
    throw new LatchkeyError(
      'storage-failed',
      `${folder} cannot be written (${(cause as Error).message}); pass another --data, or run as its owner.`,
      { cause },
    );
  }
}

/** Children of a killed supervisor stop themselves; one that hangs would hold its database and its ports. */
async function endLeftovers(left: readonly ProcessRecord[]): Promise<void> {
  await Promise.all(
    left.map(async (record) => {
      if (await waitForExit(record.pid, leftoverTimeoutMs)) return;
      if (stillRuns(record)) process.kill(record.pid, 'SIGKILL');
      await waitForExit(record.pid, leftoverTimeoutMs);
    }),
  );
}
