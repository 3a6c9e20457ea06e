import { setTimeout as delay } from 'node:timers/promises';
import type { AgentIdentity } from '@latchkey/contracts';
import { EmbeddedPostgres } from '@latchkey/embedded';
import { CentralProcess, FaultyLink, findMosquitto, MosquittoProcess, type TemporaryFolder } from '@latchkey/testing';
import pg from 'pg';

const siteId = 'main';
/** Long enough that connections notice, short enough that the run goes on. */
const awayMs = 400;

type Part = 'broker' | 'central' | 'postgres';

/**
 * Postgres, central and broker as processes of their own, with lines between them that can be broken: central's to the broker and the
 * device's. Without Mosquitto the broker is the one inside central and dies with it.
 */
export class FaultWorld {
  /** From the device to the broker. */
  readonly deviceLink = new FaultyLink(() => this.brokerPort);
  /** From central to the broker; leads nowhere when the broker is inside central. */
  readonly centralLink = new FaultyLink(() => this.brokerPort);
  /** How often each part was killed. */
  readonly deaths: Record<Part, number> = { broker: 0, central: 0, postgres: 0 };
  private readonly postgres: EmbeddedPostgres;
  private readonly mosquitto: MosquittoProcess | null;
  private readonly folder: TemporaryFolder;
  private readonly dying = new Map<Part, Promise<void>>();
  private central: CentralProcess | null = null;
  private databaseUrl = '';
  private brokerPort = 0;

  constructor(folder: TemporaryFolder) {
    this.folder = folder;
    this.postgres = new EmbeddedPostgres({ dataDir: folder.file('postgres'), port: 0 });
    this.mosquitto = findMosquitto() ? new MosquittoProcess({ folder: folder.file('mosquitto') }) : null;
  }

  /** Starts everything and makes one device, whose broker is the far end of {@link deviceLink}. */
  async start(deviceId: string): Promise<AgentIdentity> {
    this.databaseUrl = (await this.postgres.start()).url;
    if (this.mosquitto) {
      await this.mosquitto.start();
      this.brokerPort = Number(new URL(this.mosquitto.url).port);
    }
    await Promise.all([this.deviceLink.start(), this.centralLink.start()]);
    this.central = new CentralProcess({
      databaseUrl: this.databaseUrl,
      dataDir: this.folder.file('central'),
      mqttUrl: this.mosquitto ? this.centralLink.url : null,
    });
    await this.central.start();
    const identity = await this.central.provision(siteId, deviceId);
    if (!this.mosquitto) this.brokerPort = Number(new URL(identity.mqtt.url).port);
    return { ...identity, mqtt: { ...identity.mqtt, url: this.deviceLink.url } };
  }

  /** Kills a part with -9 and has it started again a moment later, in the background; nothing while it is still away. */
  kill(part: Part): void {
    if (this.dying.has(part)) return;
    this.deaths[part]++;
    const away = this.killAndRestart(part).finally(() => this.dying.delete(part));
    this.dying.set(part, away);
  }

  private async killAndRestart(part: Part): Promise<void> {
    if (part === 'postgres') {
      process.kill((await this.postgres.start()).pid, 'SIGKILL');
      await delay(awayMs);
      await this.postgres.start();
    } else if (part === 'broker' && this.mosquitto) {
      await this.mosquitto.kill();
      await delay(awayMs);
      await this.mosquitto.start();
    } else {
      // Its own start needs Postgres.
      await this.dying.get('postgres');
      await this.central?.kill();
      await delay(awayMs);
      await this.dying.get('postgres');
      await this.central?.start();
    }
  }

  /** Everything works again. */
  async heal(): Promise<void> {
    await Promise.all(this.dying.values());
    this.deviceLink.heal();
    this.centralLink.heal();
  }

  /** Rows of a statement. */
  async rows<T extends object>(sql: string): Promise<T[]> {
    const client = new pg.Client({ connectionString: this.databaseUrl });
    await client.connect();
    try {
      return (await client.query<T>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  async stop(): Promise<void> {
    await Promise.allSettled(this.dying.values());
    await this.central?.kill();
    await Promise.all([this.deviceLink.stop(), this.centralLink.stop()]);
    await this.mosquitto?.kill();
    await this.postgres.stop();
  }
}
