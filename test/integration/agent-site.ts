import { randomUUID } from 'node:crypto';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AgentIdentity,
  type DesiredConfig,
  decodePayload,
  type EventEnvelope,
  type FaceBody,
  faceBody,
  firstDoorPolicy,
  type GalleryReported,
  type Presence,
} from '@latchkey/contracts';
import type { GalleryOperation } from '@latchkey/domain';
import { MqttSession, SigningKeys } from '@latchkey/link';
import {
  EmbeddedTestBroker,
  eventually,
  MemoryCentral,
  ScriptedCentral,
  ScriptedGallery,
  type TemporaryFolder,
  temporaryFolder,
} from '@latchkey/testing';
import { AgentProcess } from './agent-process.ts';
import { samplePath } from './vision-samples.ts';

/** The model that agents run, as the tests know it. */
export const modelId = 'dlib-resnet34@face-api-1.7.15/chip150-mirrored';

/** Compiled networks, kept between runs: they only depend on the installed packages. */
export const modelCacheDir = join(tmpdir(), 'latchkey-test-models');

const siteId = 'main';
const deviceId = 'front';

/** One device as a process, a broker, and central's side of the protocol: events, galleries, configuration. */
export class AgentSite {
  readonly folder: TemporaryFolder = temporaryFolder();
  readonly broker = new EmbeddedTestBroker();
  readonly keys: SigningKeys;
  readonly staff = new ScriptedGallery(siteId, 'staff', modelId);
  readonly agentDir: string;
  readonly presences: Presence[] = [];
  private readonly reports: GalleryReported[] = [];
  private readonly sessions: MqttSession[] = [];
  private made: { central: ScriptedCentral; events: MemoryCentral; agent: AgentProcess; raw: MqttSession } | null =
    null;

  constructor() {
    this.keys = SigningKeys.loadOrCreate(this.folder.file('central-keys'));
    this.agentDir = this.folder.file('agent');
    mkdirSync(this.folder.file('camera'));
  }

  /** Finds the broker an address; it may be taken away afterwards. */
  async open(environment: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.broker.start();
    const identity: AgentIdentity = {
      siteId,
      deviceId,
      mqtt: { url: this.broker.url, username: 'front', password: 'secret' },
      trustedKeys: [...this.keys.trustedKeys()],
    };
    mkdirSync(this.agentDir, { recursive: true });
    writeFileSync(join(this.agentDir, 'agent.json'), JSON.stringify(identity), { mode: 0o600 });
    const raw = this.session('test');
    const central = new ScriptedCentral({ messenger: raw, keys: this.keys, siteId, deviceId, now: () => Date.now() });
    central.galleries.set('staff', this.staff);
    const agent = new AgentProcess({
      LATCHKEY_AGENT_DIR: this.agentDir,
      LATCHKEY_CAMERA: this.folder.file('camera'),
      LATCHKEY_CAMERA_FPS: '10',
      LATCHKEY_CAMERA_HOLD_MS: '600',
      LATCHKEY_MODEL_CACHE_DIR: modelCacheDir,
      LATCHKEY_LOG_LEVEL: 'debug',
      ...environment,
    });
    const events = new MemoryCentral({ url: this.broker.url, keys: this.keys });
    this.made = { central, events, agent, raw };
    central.start();
    raw.subscribe(`latchkey/v1/${siteId}/${deviceId}/presence`, ({ payload }) => {
      this.presences.push(decodePayload('presence', payload));
    });
    raw.subscribe(`latchkey/v1/${siteId}/${deviceId}/gallery/reported`, ({ payload }) => {
      this.reports.push(decodePayload('galleryReported', payload));
    });
    raw.start();
    events.start();
    await eventually('central is connected', () => raw.connected && events.connected);
  }

  async close(): Promise<void> {
    await this.made?.agent.kill();
    await this.made?.events.stop();
    for (const session of this.sessions) await session.stop();
    await this.broker.crash();
    this.folder.remove();
  }

  get central(): ScriptedCentral {
    return this.opened.central;
  }

  get agent(): AgentProcess {
    return this.opened.agent;
  }

  /** A client that may write anything anywhere. */
  get raw(): MqttSession {
    return this.opened.raw;
  }

  /** Puts face-api's photographs before the camera. */
  show(...samples: number[]): void {
    for (const sample of samples) copyFileSync(samplePath(sample), this.folder.file(`camera/${sample}.jpg`));
  }

  /** Central's log of this device. */
  get log(): readonly EventEnvelope[] {
    return this.opened.events.committed;
  }

  /** The content's hash of a group as the device reported it last. */
  reported(groupId: string): string | null {
    return this.reports.at(-1)?.groups.find((group) => group.groupId === groupId)?.contentHash ?? null;
  }

  /** Bodies of the events about faces that reached central after the first `skip` events. */
  faces(skip = 0): FaceBody[] {
    return this.log
      .slice(skip)
      .filter(({ kind }) => kind === 'verification' || kind === 'unknown')
      .map(({ body }) => faceBody.parse(body));
  }

  /** Configures the device. */
  configure(revision: number, changes: Partial<DesiredConfig> = {}): void {
    this.central.configure({
      revision,
      groupIds: ['staff'],
      door: { ...firstDoorPolicy, holdOpenMs: 500 },
      schedules: [],
      ...changes,
    });
  }

  private get opened() {
    if (!this.made) throw new Error('The site is not open.');
    return this.made;
  }

  private session(clientId: string): MqttSession {
    const session = new MqttSession({
      url: this.broker.url,
      clientId,
      username: clientId,
      password: 'secret',
      reconnectMinMs: 20,
      reconnectMaxMs: 200,
    });
    this.sessions.push(session);
    return session;
  }
}

/** What enrols a person with one encoding. */
export function enrolment(personId: string, name: string, values: Float32Array): GalleryOperation[] {
  return [
    { op: 'upsert-person', personId, name, always: false },
    { op: 'upsert-encoding', encodingId: randomUUID(), personId, modelId, values },
  ];
}
