import { randomBytes, randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AgentIdentity, firstDoorPolicy, type GalleryReported, type TamperBody } from '@latchkey/contracts';
import { type GalleryOperation, LatchkeyError } from '@latchkey/domain';
import { type LocalDatabase, SigningKeys } from '@latchkey/link';
import {
  eventually,
  ManualClock,
  MemoryBus,
  ScriptedCentral,
  ScriptedGallery,
  scriptedModel,
  type TemporaryFolder,
  temporaryFolder,
} from '@latchkey/testing';
import { pino } from 'pino';
import { DeviceConfiguration } from '../configuration/device-configuration.ts';
import { EventRecorder, type EventStore } from '../events/event-recorder.ts';
import { TamperLog } from '../events/tamper-log.ts';
import { SignedInbox } from '../messages/signed-inbox.ts';
import { openAgentDatabase } from '../store/agent-database.ts';
import { GalleryRepository } from '../store/gallery.repository.ts';
import { SettingsRepository } from '../store/settings.repository.ts';
import { GallerySync } from './gallery-sync.ts';
import { LiveGallery } from './live-gallery.ts';

const ada = randomUUID();
const eve = randomUUID();
const silent = pino({ level: 'silent' });

function enrol(personId: string, x: number): GalleryOperation[] {
  const values = Float32Array.of(x, 0, 0, 0);
  const modelId = scriptedModel.id;
  return [
    { op: 'upsert-person', personId, name: `person ${x}`, always: false },
    { op: 'upsert-encoding', encodingId: randomUUID(), personId, modelId, values },
  ];
}

/** Galleries on a disk from which nothing can be deleted while it is full. */
class FillingRepository extends GalleryRepository {
  full = false;

  override drop(groupId: string): void {
    this.assertRoom();
    super.drop(groupId);
  }

  override purge(...args: Parameters<GalleryRepository['purge']>): boolean {
    this.assertRoom();
    return super.purge(...args);
  }

  private assertRoom(): void {
    if (this.full) throw new LatchkeyError('storage-full', 'The disk is full.');
  }
}

/** A device's configuration and galleries on a bus with a scripted central. */
class Bench {
  readonly bus = new MemoryBus();
  readonly clock = new ManualClock();
  readonly tampers: TamperBody[] = [];
  readonly live = new LiveGallery(scriptedModel.id, 4);
  readonly central: ScriptedCentral;
  readonly staff: ScriptedGallery;
  readonly guests = new ScriptedGallery('main', 'guests', scriptedModel.id);
  readonly keys: SigningKeys;
  readonly configuration: DeviceConfiguration;
  readonly database: LocalDatabase;
  readonly repository: FillingRepository;
  readonly sync: GallerySync;
  /** What befalls whoever is told of central. */
  centralFault: Error | null = null;

  /** @param staff what central has of the group. */
  constructor(folder: TemporaryFolder, staff = new ScriptedGallery('main', 'staff', scriptedModel.id)) {
    this.staff = staff;
    this.keys = SigningKeys.loadOrCreate(folder.file('central-keys'));
    const identity: AgentIdentity = {
      siteId: 'main',
      deviceId: 'front',
      mqtt: { url: 'mqtt://127.0.0.1:1', username: 'front', password: 'x' },
      trustedKeys: [...this.keys.trustedKeys()],
    };
    const store = { append: (event) => this.note(event) } as EventStore;
    const recorder = new EventRecorder(store, () => stamp, silent);
    const inbox = new SignedInbox(this.bus.client(), identity, new TamperLog(recorder, this.clock, silent), silent);
    this.database = openAgentDatabase(folder.path, 'x', () => null).database;
    const settings = new SettingsRepository(this.database);
    this.configuration = new DeviceConfiguration(this.bus.client(), inbox, identity, settings, silent);
    this.repository = new FillingRepository(this.database);
    this.sync = new GallerySync({
      messenger: this.bus.client(),
      inbox,
      identity,
      configuration: this.configuration,
      repository: this.repository,
      live: this.live,
      reading: () => ({ now: this.clock.now(), monotonicMs: this.clock.monotonicMs() }),
      newNonce: () => randomBytes(16).toString('hex'),
      onFailed: () => undefined,
      onCentral: () => {
        if (this.centralFault) throw this.centralFault;
      },
      logger: silent,
    });
    const now = () => this.clock.now();
    const messenger = this.bus.client();
    this.central = new ScriptedCentral({ messenger, keys: this.keys, siteId: 'main', deviceId: 'front', now });
    this.central.galleries.set('staff', this.staff).set('guests', this.guests);
    this.central.start();
  }

  start(): void {
    this.configuration.start();
    this.sync.start();
  }

  async stop(): Promise<void> {
    await this.sync.stop();
    await this.configuration.stop();
    this.database.close();
  }

  async configure(revision: number, ...groupIds: string[]): Promise<void> {
    this.central.configure({ revision, groupIds, door: firstDoorPolicy, schedules: [] });
    await this.bus.idle();
  }

  seen(x: number): string | null {
    return this.live.nearest({ modelId: scriptedModel.id, values: Float32Array.of(x, 0, 0, 0) })?.personId ?? null;
  }

  reported(): GalleryReported['groups'] {
    const last = this.bus.on('latchkey/v1/main/front/gallery/reported').at(-1);
    return last === undefined ? [] : (JSON.parse(last) as GalleryReported).groups;
  }

  private note(event: Parameters<EventStore['append']>[0]): ReturnType<EventStore['append']> {
    if (event.kind === 'tamper') this.tampers.push(event.body as TamperBody);
    return {} as ReturnType<EventStore['append']>;
  }
}

const stamp = { occurredAt: 0, clockOffsetMs: null, clockTrusted: false };

describe('galleries of a device', () => {
  let folder: TemporaryFolder;
  let bench: Bench;

  beforeEach(() => {
    folder = temporaryFolder();
    bench = new Bench(folder);
    bench.staff.change(...enrol(ada, 1));
    bench.start();
  });

  afterEach(async () => {
    await bench.stop();
    folder.remove();
  });

  it('asks for nothing before it is told its groups', async () => {
    bench.bus.up();
    await bench.bus.idle();
    expect(bench.central.asks).toEqual([]);
  });

  it('follows the groups of its configuration and reports what it holds', async () => {
    bench.bus.up();
    await bench.configure(1, 'staff', 'guests');
    expect(bench.seen(1)).toBe(ada);
    await eventually('both are reported', () => bench.reported().length === 2);
    expect(bench.reported()).toMatchObject([
      { groupId: 'staff', revision: 1, persons: 1, encodings: 1, state: 'current' },
      { groupId: 'guests', revision: 0, persons: 0, encodings: 0, state: 'current' },
    ]);
  });

  it('does not tell that somebody is gone before the disk has let go of them', async () => {
    bench.bus.up();
    await bench.configure(1, 'staff');
    await eventually('the gallery is reported', () => bench.reported()[0]?.revision === 1);
    bench.repository.full = true;
    bench.central.change(bench.staff.change({ op: 'remove-person', personId: ada }));
    await bench.bus.idle();
    expect(bench.seen(1)).toBeNull();
    bench.bus.down();
    bench.bus.up();
    await delay(100);
    expect(bench.reported()[0]?.revision).toBe(1);
    bench.repository.full = false;
    await eventually('the removal is reported', () => bench.reported()[0]?.revision === 2);
    expect(statSync(folder.file('data/agent.db-wal')).size).toBe(0);
  });

  it('follows its new groups and nobody of the old ones also when the disk is full', async () => {
    bench.guests.change(...enrol(eve, 5));
    bench.bus.up();
    await bench.configure(1, 'staff');
    bench.repository.full = true;
    await bench.configure(2, 'guests');
    expect([bench.seen(1), bench.seen(5)]).toEqual([eve, eve]);
  });

  it('forgets everybody of every group when it is wiped, also on a full disk', async () => {
    bench.guests.change(...enrol(eve, 5));
    bench.bus.up();
    await bench.configure(1, 'staff', 'guests');
    expect([bench.seen(1), bench.seen(5)]).toEqual([ada, eve]);
    bench.repository.full = true;
    bench.sync.forget();
    expect([bench.seen(1), bench.seen(5)]).toEqual([null, null]);
  });

  it('asks on every connect', async () => {
    bench.bus.up();
    await bench.configure(1, 'staff');
    const { length } = bench.central.asks;
    bench.bus.down();
    bench.staff.change(...enrol(eve, 2));
    bench.bus.up();
    await bench.bus.idle();
    expect(bench.central.asks.length).toBeGreaterThan(length);
    expect(bench.seen(2)).toBe(eve);
  });

  it('applies a change that is published to the group', async () => {
    bench.bus.up();
    await bench.configure(1, 'staff');
    bench.central.change(bench.staff.change(...enrol(eve, 2)));
    await bench.bus.idle();
    expect(bench.seen(2)).toBe(eve);
  });

  it('applies an answer though nobody can store what it says of central', async () => {
    bench.bus.up();
    await bench.configure(1, 'staff');
    bench.centralFault = new Error('the disk is full');
    bench.bus.down();
    bench.staff.change(...enrol(eve, 2));
    bench.bus.up();
    await bench.bus.idle();
    expect(bench.seen(2)).toBe(eve);
  });

  it('forgets a group that it is taken out of', async () => {
    bench.bus.up();
    await bench.configure(1, 'staff');
    await bench.configure(2, 'guests');
    expect(bench.seen(1)).toBeNull();
    expect(bench.database.all('SELECT * FROM gallery_encoding')).toEqual([]);
  });

  it('keeps and follows what it holds while its stored configuration cannot be read, until central says which groups', async () => {
    bench.bus.up();
    await bench.configure(1, 'staff', 'guests');
    await bench.stop();
    bench = new Bench(folder);
    bench.staff.change(...enrol(ada, 1));
    bench.database.run(`UPDATE setting SET value = '{"revision":1,"groups":["staff"]}' WHERE name = 'desired-config'`);
    bench.start();
    expect(bench.configuration.unknown).toBe(true);
    expect(bench.seen(1)).toBe(ada);

    bench.bus.up();
    await bench.bus.idle();
    expect(new Set(bench.central.asks.map(({ groupId }) => groupId))).toEqual(new Set(['guests', 'staff']));
    await bench.configure(2, 'guests');
    expect(bench.configuration.unknown).toBe(false);
    expect(bench.seen(1)).toBeNull();
  });

  it('asks for a gallery anew whose revision on disk is not the one that was written', async () => {
    bench.bus.up();
    await bench.configure(1, 'staff');
    bench.bus.down();
    await bench.stop();
    const { staff } = bench;
    bench = new Bench(folder, staff);
    bench.database.run('UPDATE gallery_head SET revision = revision + 1000');
    bench.start();
    expect(bench.seen(1)).toBeNull();
    bench.bus.up();
    await bench.bus.idle();
    expect(bench.central.asks[0]).toMatchObject({ groupId: 'staff', epoch: 0, revision: 0, contentHash: null });
    expect(bench.seen(1)).toBe(ada);
    bench.central.change(bench.staff.change(...enrol(eve, 2)));
    await bench.bus.idle();
    expect(bench.seen(2)).toBe(eve);
  });

  describe('applies nothing and notes one attempt to deceive when', () => {
    const tamperWith = async (send: (topic: string, text: string) => void): Promise<TamperBody[]> => {
      bench.bus.up();
      await bench.configure(1, 'staff');
      const { topic, text } = bench.central.signedChange(bench.staff.change(...enrol(eve, 2)));
      for (let i = 0; i < 3; i++) send(topic, text);
      await bench.bus.idle();
      expect(bench.seen(2)).toBe(ada);
      return bench.tampers;
    };

    it('a change was altered', async () => {
      const tampers = await tamperWith((topic, text) => bench.bus.deliver(topic, text.replace('person 2', 'person 3')));
      expect(tampers).toMatchObject([{ what: 'signature-invalid' }]);
    });

    it('a change is signed by somebody else', async () => {
      const other = SigningKeys.loadOrCreate(folder.file('other-keys'));
      const tampers = await tamperWith((topic, text) => {
        const { audience, payload } = JSON.parse(text) as { audience: string; payload: string };
        bench.bus.deliver(topic, other.sign('gallery', { topic, audience, payload }));
      });
      expect(tampers).toMatchObject([{ what: 'signature-invalid' }]);
    });

    it('a change is signed with a key for another purpose', async () => {
      const tampers = await tamperWith((topic, text) => {
        const { audience, payload } = JSON.parse(text) as { audience: string; payload: string };
        bench.bus.deliver(topic, bench.keys.sign('config', { topic, audience, payload }));
      });
      expect(tampers).toMatchObject([{ what: 'signature-invalid' }]);
    });

    it('a change is for another group', async () => {
      const tampers = await tamperWith((topic) => {
        const foreign = bench.central.signedChange({ ...bench.guests.change(...enrol(eve, 2)) });
        bench.bus.deliver(topic, foreign.text);
      });
      expect(tampers).toMatchObject([{ what: 'signature-invalid' }]);
    });

    it('a change is retained', async () => {
      const tampers = await tamperWith((topic, text) => bench.bus.deliver(topic, text, { retained: true }));
      expect(tampers).toMatchObject([{ what: 'retained' }]);
    });

    it('an answer comes again', async () => {
      const tampers = await tamperWith(() => {
        const [ask] = bench.central.asks;
        if (!ask) throw new Error('nothing was asked');
        const [answer] = bench.central.answersTo(ask);
        if (!answer) throw new Error('nothing was answered');
        const { topic, text } = bench.central.signedAnswer(answer);
        bench.bus.deliver(topic, text);
      });
      expect(tampers).toMatchObject([{ what: 'replayed' }]);
    });
  });
});
