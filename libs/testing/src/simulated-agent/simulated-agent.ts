import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type AgentIdentity, deviceClientId, type EventEnvelope, type FaceBody } from '@latchkey/contracts';
import type { Clock } from '@latchkey/domain';
import { EventUplink, LocalDatabase, MqttSession, Outbox, readOrCreateKey } from '@latchkey/link';

/** Options of a {@link SimulatedAgent}. */
export interface SimulatedAgentOptions {
  /** Its disk: key and database. */
  readonly folder: string;
  readonly identity: AgentIdentity;
  /** Events in flight at once; default as {@link EventUplink}. */
  readonly window?: number;
  /** Most events that its outbox holds; default as {@link Outbox}. */
  readonly maxEvents?: number;
}

const systemClock: Clock = { now: () => Date.now(), monotonicMs: () => performance.now() };

/** A JPEG's first bytes: enough for whoever only looks whether it is one. */
const tinyJpeg = Buffer.from('ffd8ffe000104a46494600010100000100010000ffd9', 'hex').toString('base64');

/** An edge agent without camera, vision and door: the real outbox, uplink and session, fed with made-up faces. */
export class SimulatedAgent {
  private readonly session: MqttSession;
  private readonly options: SimulatedAgentOptions;
  private running: { readonly database: LocalDatabase; readonly outbox: Outbox; readonly uplink: EventUplink } | null =
    null;

  constructor(options: SimulatedAgentOptions) {
    this.options = options;
    const { siteId, deviceId, mqtt } = options.identity;
    this.session = new MqttSession({
      url: mqtt.url,
      username: mqtt.username,
      password: mqtt.password,
      clientId: deviceClientId(siteId, deviceId),
      reconnectMinMs: 50,
      reconnectMaxMs: 1_000,
    });
  }

  /** Opens the outbox and begins to send. May be called twice. */
  start(): void {
    if (this.running) return;
    const { folder, identity, window, maxEvents } = this.options;
    const database = openAgentDatabase(folder);
    const outbox = new Outbox({ database, clock: systemClock, randomBytes, maxEvents });
    outbox.open();
    const uplink = new EventUplink({
      outbox,
      session: this.session,
      siteId: identity.siteId,
      deviceId: identity.deviceId,
      trustedKeys: identity.trustedKeys,
      clockState: () => ({ clockOffsetMs: null, clockTrusted: false }),
      window,
    });
    this.running = { database, outbox, uplink };
    uplink.start();
    this.session.start();
  }

  /** Events that were ever stored on this disk, sent or not. */
  get total(): number {
    const { pending, acked, quarantined } = this.outbox.stats();
    return pending + acked + quarantined;
  }

  /** Throws before `start()`. */
  get outbox(): Outbox {
    if (!this.running) throw new Error('The simulated agent is not started.');
    return this.running.outbox;
  }

  /** Somebody whom nobody knows stands before the camera. Returns when the event is on disk. */
  seeStranger(): EventEnvelope {
    const body: FaceBody = {
      personId: null,
      claimedPersonId: null,
      distance: 0.8,
      maxDistance: 0.5,
      margin: null,
      decision: 'unknown',
      reasons: ['too-far'],
      liveness: null,
      quality: 80,
      modelId: 'simulated',
      galleryRevision: 0,
      trackId: randomUUID(),
      box: { x: 10, y: 20, width: 100, height: 120 },
      snapshotId: null,
      encoding: null,
    };
    return this.outbox.append({ kind: 'unknown', body, thumbnail: tinyJpeg, clockOffsetMs: null, clockTrusted: false });
  }

  /** It tells that it runs: what a full outbox gives up first. Returns when the event is on disk. */
  tellHealth(): EventEnvelope {
    const body = { state: 'started' as const, message: 'A simulated agent runs.' };
    return this.outbox.append({ kind: 'health', body, clockOffsetMs: null, clockTrusted: false });
  }

  /** Resolves when central has acknowledged everything. */
  drained(): Promise<void> {
    return this.running?.uplink.drained() ?? Promise.resolve();
  }

  /** Stops sending and closes the disk. May be called twice. */
  async stop(): Promise<void> {
    const { running } = this;
    this.running = null;
    await running?.uplink.stop();
    await this.session.stop();
    running?.outbox.close();
    running?.database.close();
  }
}

/** The database of a simulated agent's folder, for a test that looks at what a dead one has left. */
export function openAgentDatabase(folder: string): LocalDatabase {
  return LocalDatabase.open({
    path: join(folder, 'data', 'agent.db'),
    encryptionKeyHex: readOrCreateKey(join(folder, 'keys', 'database.key')),
  });
}
