import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type DoorBody,
  type EventKind,
  encodingFromBase64,
  type FaceBody,
  faceBody,
  firstDoorPolicy,
} from '@latchkey/contracts';
import {
  type Frame,
  freeAccess,
  type GalleryOperation,
  LatchkeyError,
  type PersonAccess,
  type Schedule,
} from '@latchkey/domain';
import type { LocalDatabase } from '@latchkey/link';
import { aFace, anImage, ManualClock, scriptedModel, type TemporaryFolder, temporaryFolder } from '@latchkey/testing';
import { facesToEncode, type SeenFace } from '@latchkey/vision';
import { pino } from 'pino';
import type { DoorOutcome, DoorRequest } from '../door/door-driver.ts';
import { EventRecorder, type EventStore } from '../events/event-recorder.ts';
import { GroupRows } from '../gallery/group-rows.ts';
import { LiveGallery } from '../gallery/live-gallery.ts';
import { openAgentDatabase } from '../store/agent-database.ts';
import { SettingsRepository } from '../store/settings.repository.ts';
import { ClaimDesk } from './claim-desk.ts';
import { DoorMemory } from './door-memory.ts';
import { FaceDecider } from './face-decider.ts';

const ada = randomUUID();
const eve = randomUUID();
const silent = pino({ level: 'silent' });

function enrolled(
  personId: string,
  values: readonly number[],
  { modelId = scriptedModel.id, ...access }: Partial<PersonAccess> & { readonly modelId?: string } = {},
): GalleryOperation[] {
  return [
    { op: 'upsert-person', personId, name: personId, always: false, access: { ...freeAccess, ...access } },
    { op: 'upsert-encoding', encodingId: `${personId}/1`, personId, modelId, values: Float32Array.from(values) },
  ];
}

/** A decider with a gallery, and what came out of it in the order in which it came. */
class Bench {
  readonly clock = new ManualClock();
  readonly gallery = new LiveGallery(scriptedModel.id, 4);
  readonly happened: string[] = [];
  readonly events: { kind: EventKind; body: FaceBody; thumbnail: string | null }[] = [];
  readonly granted: DoorRequest[] = [];
  /** What becomes of the next requests; the door opens for all others. */
  readonly doorAnswers: DoorOutcome[] = [];
  policy = firstDoorPolicy;
  trusted = true;
  diskFails = false;
  locked = false;
  /** Of two turns: to the left. */
  chance = 0;
  readonly schedules = new Map<string, Schedule>();
  readonly memory: DoorMemory;
  readonly claims = new ClaimDesk(this.clock);
  private readonly image = anImage();
  private readonly decider: FaceDecider;

  constructor(database: LocalDatabase) {
    this.memory = new DoorMemory(new SettingsRepository(database), this.clock, silent);
    const store = { append: (event) => this.append(event) } as EventStore;
    const stamp = () => ({ occurredAt: this.clock.now(), clockOffsetMs: null, clockTrusted: false });
    this.decider = new FaceDecider({
      model: scriptedModel,
      gallery: this.gallery,
      recorder: new EventRecorder(store, stamp, silent),
      door: {
        grant: async (request) => {
          this.happened.push('door');
          this.granted.push(request);
          return this.doorAnswers.shift() ?? 'opened';
        },
      },
      doorPolicy: () => this.policy,
      schedule: (id) => this.schedules.get(id) ?? null,
      memory: this.memory,
      claims: this.claims,
      isLocked: () => this.locked,
      time: () => ({ now: this.clock.now(), trusted: this.trusted, floor: 0 }),
      clock: this.clock,
      newId: randomUUID,
      chance: () => this.chance,
      onDecided: () => undefined,
      logger: silent,
    });
  }

  /** Who is in the gallery. */
  enrol(...operations: GalleryOperation[]): void {
    this.gallery.set('staff', 7, GroupRows.empty.after(operations));
  }

  /** So many frames, 200 ms apart, with these faces. */
  async frames(count: number, ...faces: SeenFace[]): Promise<void> {
    for (let i = 0; i < count; i++) {
      this.clock.advance(200);
      await this.decider.handle(this.frame(), faces);
    }
  }

  /** So many frames at 20 a second; faces are encoded as the decider wishes. @returns how many were. */
  async film(count: number, face: SeenFace): Promise<number> {
    let encoded = 0;
    for (let i = 0; i < count; i++) {
      this.clock.advance(50);
      const frame = this.frame();
      const isWanted = facesToEncode([face], this.decider.plan(frame)).size > 0;
      if (isWanted) encoded++;
      await this.decider.handle(frame, [isWanted ? face : { ...face, encoding: null }]);
    }
    return encoded;
  }

  /** So many frames with a face; what the person was asked at each. */
  async prompts(count: number, face: SeenFace): Promise<(string | null | undefined)[]> {
    const prompts: (string | null | undefined)[] = [];
    for (let i = 0; i < count; i++) {
      this.clock.advance(200);
      prompts.push((await this.decider.handle(this.frame(), [face]))[0]?.prompt);
    }
    return prompts;
  }

  /** Nobody is to be seen for long enough to end every presence. */
  async pause(): Promise<void> {
    await this.frames(6);
  }

  private frame(): Frame {
    return {
      image: this.image,
      capturedAt: this.clock.now(),
      capturedMonotonicMs: this.clock.monotonicMs(),
      cameraId: 'camera',
      source: 'test',
    };
  }

  private append({ kind, body, thumbnail }: Parameters<EventStore['append']>[0]): ReturnType<EventStore['append']> {
    if (this.diskFails) throw new LatchkeyError('storage-full', 'The disk is full.');
    this.happened.push(kind === 'door' ? ((body as DoorBody).challenge ?? 'alarm') : kind);
    if (kind === 'verification' || kind === 'unknown' || kind === 'spoof') {
      this.events.push({ kind, body: faceBody.parse(body), thumbnail: thumbnail ?? null });
    }
    return {} as ReturnType<EventStore['append']>;
  }
}

const face = aFace([1, 0, 0, 0]);

describe('deciding about faces', () => {
  let folder: TemporaryFolder;
  let database: LocalDatabase;

  beforeEach(() => {
    folder = temporaryFolder();
    database = openAgentDatabase(folder.path, 'x', () => null).database;
  });

  afterEach(() => {
    database.close();
    folder.remove();
  });

  it('writes one verification for a presence of a known person, and opens after it is on disk', async () => {
    const bench = new Bench(database);
    bench.enrol(...enrolled(ada, [1, 0.3, 0, 0]), ...enrolled(eve, [-1, 0, 0, 0]));
    await bench.frames(7, face);
    expect(bench.happened).toEqual(['verification', 'door']);
    const [event] = bench.events;
    expect(event?.body).toMatchObject({
      personId: ada,
      claimedPersonId: null,
      decision: 'granted',
      reasons: ['matched'],
      maxDistance: scriptedModel.identifyMaxDistance,
      liveness: null,
      quality: 90,
      modelId: scriptedModel.id,
      galleryRevision: 7,
      encoding: null,
    });
    expect(event?.body.distance).toBeCloseTo(0.3);
    expect(event?.body.margin).toBeCloseTo(1.7);
    expect(bench.granted).toMatchObject([{ personId: ada, trackId: event?.body.trackId }]);
  });

  it('carries a picture of at most 12 KB', async () => {
    const bench = new Bench(database);
    await bench.frames(2, face);
    const jpeg = Buffer.from(bench.events[0]?.thumbnail ?? '', 'base64');
    expect(jpeg.subarray(0, 3).toString('hex')).toBe('ffd8ff');
    expect(jpeg.length).toBeLessThanOrEqual(12 * 1024);
    expect(bench.events[0]?.body.snapshotId).not.toBeNull();
  });

  it('waits for two frames that agree', async () => {
    const bench = new Bench(database);
    bench.enrol(...enrolled(ada, [1, 0, 0, 0]));
    await bench.frames(1, face);
    expect(bench.happened).toEqual([]);
    await bench.frames(1, face);
    expect(bench.happened).toEqual(['verification', 'door']);
  });

  it('writes one unknown for a stranger, with the encoding, and leaves the door shut', async () => {
    const bench = new Bench(database);
    bench.enrol(...enrolled(ada, [-1, 0, 0, 0]));
    await bench.frames(5, face);
    expect(bench.happened).toEqual(['unknown']);
    const [event] = bench.events;
    expect(event?.body).toMatchObject({ personId: null, decision: 'unknown', reasons: ['too-far'], distance: 2 });
    expect(encodingFromBase64(event?.body.encoding ?? '')).toEqual(face.encoding.values);
  });

  it('says that the gallery is empty', async () => {
    const bench = new Bench(database);
    await bench.frames(2, face);
    expect(bench.events[0]?.body).toMatchObject({ distance: null, margin: null, reasons: ['empty-gallery'] });
  });

  it('does not decide between two people who are equally near, and gives no encoding of theirs away', async () => {
    const bench = new Bench(database);
    bench.enrol(...enrolled(ada, [1, 0.2, 0, 0]), ...enrolled(eve, [1, -0.2, 0, 0]));
    await bench.frames(3, face);
    expect(bench.happened).toEqual(['unknown']);
    expect(bench.events[0]?.body).toMatchObject({ personId: null, reasons: ['narrow-margin'], encoding: null });
  });

  it('writes another event for every presence', async () => {
    const bench = new Bench(database);
    bench.enrol(...enrolled(ada, [1, 0, 0, 0]));
    await bench.frames(3, face);
    await bench.pause();
    await bench.frames(3, face);
    expect(bench.happened).toEqual(['verification', 'door', 'verification', 'door']);
    expect(new Set(bench.events.map(({ body }) => body.trackId)).size).toBe(2);
  });

  it('names somebody who is enrolled while standing there', async () => {
    const bench = new Bench(database);
    await bench.frames(3, face);
    bench.enrol(...enrolled(ada, [1, 0, 0, 0]));
    await bench.frames(3, face);
    expect(bench.happened).toEqual(['unknown', 'verification', 'door']);
    expect(new Set(bench.events.map(({ body }) => body.trackId)).size).toBe(1);
  });

  it('lets nobody in on frames from before they were removed', async () => {
    const bench = new Bench(database);
    bench.enrol(...enrolled(ada, [1, 0, 0, 0]));
    await bench.frames(1, face);
    bench.enrol();
    await bench.frames(3, face);
    expect(bench.happened).toEqual(['unknown']);
  });

  it('tells that somebody was removed while standing there', async () => {
    const bench = new Bench(database);
    bench.enrol(...enrolled(ada, [1, 0, 0, 0]));
    await bench.frames(3, face);
    bench.enrol();
    await bench.frames(3, face);
    expect(bench.happened).toEqual(['verification', 'door', 'unknown']);
  });

  it('does not call a known person who turns away a stranger', async () => {
    const bench = new Bench(database);
    bench.enrol(...enrolled(ada, [1, 0, 0, 0]));
    await bench.frames(3, face);
    await bench.frames(5, aFace([0.6, 0.5, 0, 0]));
    expect(bench.happened).toEqual(['verification', 'door']);
  });

  it('tells at the end that a face was too poor to judge', async () => {
    const bench = new Bench(database);
    bench.enrol(...enrolled(ada, [1, 0, 0, 0]));
    await bench.frames(4, aFace([1, 0, 0, 0], { quality: 12 }));
    expect(bench.happened).toEqual([]);
    await bench.pause();
    expect(bench.events).toMatchObject([
      { kind: 'unknown', body: { decision: 'not-evaluated', reasons: ['low-quality'], quality: 12, encoding: null } },
    ]);
    expect(bench.events[0]?.thumbnail).not.toBeNull();
  });

  it('says nothing of a face that was there for one frame', async () => {
    const bench = new Bench(database);
    await bench.frames(1, face);
    await bench.pause();
    expect(bench.happened).toEqual([]);
  });

  it('leaves the door shut while the event cannot be written, and opens once it can', async () => {
    const bench = new Bench(database);
    bench.enrol(...enrolled(ada, [1, 0, 0, 0]));
    bench.diskFails = true;
    await bench.frames(10, face);
    expect(bench.happened).toEqual([]);
    bench.diskFails = false;
    await bench.frames(6, face);
    expect(bench.happened).toEqual(['health', 'verification', 'door']);
  });

  it('decides by the seed’s rule on the first frame where that is the policy', async () => {
    const bench = new Bench(database);
    bench.policy = { ...firstDoorPolicy, policy: 'seed' };
    bench.enrol(...enrolled(ada, [1, 0.69, 0, 0]));
    await bench.frames(1, face);
    expect(bench.happened).toEqual(['verification', 'door']);
    expect(bench.events[0]?.body).toMatchObject({ personId: ada, maxDistance: 0.7 });
  });

  it('does not use encodings of another model, and says that they are there', async () => {
    const bench = new Bench(database);
    bench.enrol(...enrolled(ada, [1, 0, 0, 0], { modelId: 'older' }));
    await bench.frames(2, face);
    expect(bench.events[0]?.body).toMatchObject({ decision: 'unknown', reasons: ['empty-gallery', 'model-changed'] });
  });

  it('says that a damaged gallery was left out', async () => {
    const bench = new Bench(database);
    bench.enrol(...enrolled(ada, [1, 0, 0, 0]));
    bench.gallery.lock('staff');
    await bench.frames(2, face);
    expect(bench.events[0]?.body).toMatchObject({ decision: 'unknown', reasons: ['empty-gallery', 'gallery-locked'] });
  });

  it('wants few encodings of somebody who is let in, and more again when the gallery changes', async () => {
    const bench = new Bench(database);
    bench.enrol(...enrolled(ada, [1, 0, 0, 0]));
    expect(await bench.film(60, face)).toBeLessThanOrEqual(9);
    expect(bench.happened).toEqual(['verification', 'door']);
    bench.enrol();
    expect(await bench.film(4, face)).toBe(2);
    expect(bench.happened).toEqual(['verification', 'door', 'unknown']);
  });

  it('lets nobody in on frames in which the face was not encoded', async () => {
    const bench = new Bench(database);
    bench.enrol(...enrolled(ada, [1, 0, 0, 0]));
    await bench.frames(1, face);
    await bench.frames(10, { ...face, encoding: null });
    expect(bench.happened).toEqual([]);
    await bench.frames(1, face);
    expect(bench.happened).toEqual(['verification', 'door']);
  });

  it('wants no encoding of a poor view, and tells of it all the same', async () => {
    const bench = new Bench(database);
    expect(await bench.film(20, aFace([1, 0, 0, 0], { quality: 12 }))).toBe(0);
    await bench.pause();
    expect(bench.events).toMatchObject([
      { body: { decision: 'not-evaluated', reasons: ['low-quality'], quality: 12 } },
    ]);
  });

  it('follows several people at once', async () => {
    const bench = new Bench(database);
    bench.enrol(...enrolled(ada, [1, 0, 0, 0]), ...enrolled(eve, [0, 1, 0, 0]));
    await bench.frames(3, face, aFace([0, 1, 0, 0], { x: 30 }), aFace([0, 0, 1, 0], { x: 60 }));
    expect(bench.events.map(({ body }) => body.personId)).toEqual([ada, eve, null]);
  });

  /** Rules that differ from those of a new door. */
  const ruled = (rules: Partial<typeof firstDoorPolicy.rules>) => ({
    ...firstDoorPolicy,
    rules: { ...firstDoorPolicy.rules, ...rules },
  });
  const told = ({ events }: Bench) => events.map(({ body }) => [body.personId, body.decision, ...body.reasons]);
  const eveFace = aFace([0, 1, 0, 0], { x: 30 });

  it('keeps to the schedule by the clock of the door’s zone, and not while that clock is not trusted', async () => {
    const bench = new Bench(database);
    bench.policy = ruled({ timeZone: 'Asia/Tokyo' });
    bench.enrol(...enrolled(ada, [1, 0, 0, 0], { scheduleId: 'mornings' }));
    bench.schedules.set('mornings', { weekly: [{ days: [3], from: '07:00', to: '12:00' }], exceptions: [] });
    // 22:00 of Tuesday in UTC is 07:00 of Wednesday there.
    await bench.frames(2, face);
    await bench.pause();
    bench.trusted = false;
    await bench.frames(2, face);
    await bench.pause();
    bench.schedules.clear();
    await bench.frames(2, face);
    expect(told(bench)).toEqual([
      [ada, 'granted', 'matched'],
      [ada, 'denied', 'matched', 'clock-untrusted'],
      [ada, 'denied', 'matched', 'schedule-unknown'],
    ]);
    expect(bench.granted).toHaveLength(1);
  });

  it('lets nobody in twice within the window, over a restart, until the window is over', async () => {
    const before = new Bench(database);
    before.policy = ruled({ antiPassback: { mode: 'deny', windowS: 60 } });
    before.enrol(...enrolled(ada, [1, 0, 0, 0]));
    await before.frames(10, face);
    await before.pause();
    await before.frames(3, face);
    const bench = new Bench(database);
    bench.policy = before.policy;
    bench.enrol(...enrolled(ada, [1, 0, 0, 0]));
    await bench.frames(3, face);
    await bench.pause();
    bench.clock.advance(60_000);
    await bench.frames(3, face);
    expect([...told(before), ...told(bench)]).toEqual([
      [ada, 'granted', 'matched'],
      [ada, 'denied', 'matched', 'passed-recently'],
      [ada, 'denied', 'matched', 'passed-recently'],
      [ada, 'granted', 'matched'],
    ]);
  });

  it.each(['failed', 'late', 'refused'] as const)(
    'lets somebody in anew who still stands there two seconds after the door %s, and does not hold it against them',
    async (outcome) => {
      const bench = new Bench(database);
      bench.policy = ruled({ antiPassback: { mode: 'deny', windowS: 60 } });
      bench.enrol(...enrolled(ada, [1, 0, 0, 0]));
      bench.doorAnswers.push(outcome);
      await bench.film(20, face);
      expect(bench.granted).toHaveLength(1);
      expect(await bench.film(60, face)).toBeGreaterThan(0);
      expect(bench.granted.map(({ personId }) => personId)).toEqual([ada, ada]);
      await bench.pause();
      await bench.frames(3, face);
      expect(told(bench)).toEqual([
        [ada, 'granted', 'matched'],
        [ada, 'granted', 'matched'],
        [ada, 'denied', 'matched', 'passed-recently'],
      ]);
    },
  );

  it('lets somebody in ever less often whose door stays broken', async () => {
    const bench = new Bench(database);
    bench.enrol(...enrolled(ada, [1, 0, 0, 0]));
    bench.doorAnswers.push(...Array<DoorOutcome>(100).fill('failed'));
    const grantedAt: number[] = [];
    for (let i = 0; i < 70 * 20; i++) {
      const before = bench.granted.length;
      await bench.film(1, face);
      if (bench.granted.length > before) grantedAt.push(bench.clock.monotonicMs());
    }
    const pausesS = grantedAt.slice(1).map((at, i) => Math.round((at - (grantedAt[i] ?? 0)) / 1_000));
    expect(pausesS).toEqual([2, 4, 8, 16, 30]);
  });

  it('takes back the passages of all who shared an order that failed', async () => {
    const bench = new Bench(database);
    bench.policy = ruled({ antiPassback: { mode: 'deny', windowS: 60 } });
    bench.enrol(...enrolled(ada, [1, 0, 0, 0]), ...enrolled(eve, [0, 1, 0, 0]));
    bench.doorAnswers.push('failed', 'failed');
    await bench.frames(3, face, eveFace);
    await bench.pause();
    await bench.frames(3, face, eveFace);
    expect(bench.granted.map(({ personId }) => personId)).toEqual([ada, eve, ada, eve]);
  });

  it('tells of a photograph, and after several of one person lets nobody in as that person, over a restart', async () => {
    const policy = ruled({
      liveness: { mode: 'require', minimum: 0.5 },
      lockOut: { enabled: true, failures: 2, windowS: 60, forS: 30 },
    });
    const people = [...enrolled(ada, [1, 0, 0, 0]), ...enrolled(eve, [0, 1, 0, 0])];
    const before = new Bench(database);
    before.policy = policy;
    before.enrol(...people);
    for (let attempt = 0; attempt < 2; attempt++) {
      await before.frames(3, aFace([1, 0, 0, 0], { liveness: 0.2 }));
      await before.pause();
    }
    const bench = new Bench(database);
    bench.policy = policy;
    bench.enrol(...people);
    await bench.frames(3, aFace([1, 0, 0, 0], { liveness: 0.9 }), aFace([0, 1, 0, 0], { x: 30, liveness: 0.9 }));
    expect(before.events.map(({ kind }) => kind)).toEqual(['spoof', 'spoof']);
    expect(before.events[0]?.body).toMatchObject({ personId: ada, liveness: 0.2, encoding: null });
    expect(told(bench)).toEqual([
      [ada, 'denied', 'matched', 'locked-out'],
      [eve, 'granted', 'matched'],
    ]);
  });

  it('opens for two who come together, and for none of them alone', async () => {
    const bench = new Bench(database);
    bench.policy = ruled({ twoPerson: { required: true, withinS: 5 } });
    bench.enrol(...enrolled(ada, [1, 0, 0, 0]), ...enrolled(eve, [0, 1, 0, 0]));
    await bench.frames(3, face);
    await bench.frames(3, face, eveFace);
    expect(told(bench)).toEqual([
      [ada, 'denied', 'matched', 'second-person-missing'],
      [eve, 'granted', 'matched'],
      [ada, 'granted', 'matched'],
    ]);
    await bench.pause();
    bench.clock.advance(5_000);
    await bench.frames(3, eveFace);
    expect(told(bench).at(-1)).toEqual([eve, 'denied', 'matched', 'second-person-missing']);
  });

  it('does not count somebody who was removed as the second person', async () => {
    const bench = new Bench(database);
    bench.policy = ruled({ twoPerson: { required: true, withinS: 5 } });
    bench.enrol(...enrolled(ada, [1, 0, 0, 0]), ...enrolled(eve, [0, 1, 0, 0]));
    await bench.frames(3, eveFace);
    bench.enrol(...enrolled(ada, [1, 0, 0, 0]));
    await bench.frames(3, face);
    expect(bench.granted).toEqual([]);
  });

  it('opens for somebody under threat and raises a silent alarm before', async () => {
    const bench = new Bench(database);
    bench.enrol(...enrolled(ada, [1, 0, 0, 0], { duress: true }));
    await bench.frames(3, face);
    expect(bench.happened).toEqual(['verification', 'alarm', 'door']);
    expect(told(bench)).toEqual([[ada, 'granted', 'matched', 'duress']]);
  });

  it('compares with the claimed person alone while a claim stands', async () => {
    const bench = new Bench(database);
    bench.enrol(...enrolled(ada, [1, 0.2, 0, 0]), ...enrolled(eve, [1, -0.2, 0, 0]));
    bench.claims.place(ada, 2_000);
    await bench.frames(3, face);
    await bench.pause();
    const claim = bench.claims.place(eve, 2_000);
    await bench.frames(3, aFace([1, 0.9, 0, 0]));
    bench.claims.withdraw(claim);
    await bench.frames(3, aFace([1, 0.3, 0, 0]));
    expect(told(bench)).toEqual([
      [ada, 'granted', 'matched'],
      [null, 'denied', 'claim-not-met', 'too-far'],
      [ada, 'granted', 'matched'],
    ]);
    expect(bench.events.map(({ body }) => body.claimedPersonId)).toEqual([ada, eve, null]);
    expect(bench.events[0]?.body.maxDistance).toBe(scriptedModel.maxDistance);
  });

  it('answers a second claim of the same person too, who has not gone away', async () => {
    const bench = new Bench(database);
    bench.enrol(...enrolled(ada, [1, 0, 0, 0]));
    bench.claims.place(ada, 10_000);
    await bench.frames(20, face);
    bench.claims.place(ada, 10_000);
    await bench.film(20, face);
    expect(bench.events.map(({ body }) => [body.decision, body.claimedPersonId])).toEqual([
      ['granted', ada],
      ['granted', ada],
    ]);
    expect(bench.granted).toHaveLength(2);
    expect(bench.claims.claim).toBeNull();
  });

  it('lets nobody in while the gallery is locked', async () => {
    const bench = new Bench(database);
    bench.enrol(...enrolled(ada, [1, 0, 0, 0]));
    bench.locked = true;
    await bench.frames(5, face);
    expect(bench.granted).toEqual([]);
    expect(bench.events[0]?.body).toMatchObject({ decision: 'denied', reasons: ['matched', 'gallery-locked'] });
    bench.locked = false;
    await bench.frames(2, face);
    expect(bench.granted).toHaveLength(1);
  });

  it('lets in on a claim once, and forgets the claim then', async () => {
    const bench = new Bench(database);
    bench.enrol(...enrolled(ada, [1, 0, 0, 0]), ...enrolled(eve, [0, 1, 0, 0]));
    bench.claims.place(ada, 60_000);
    await bench.frames(3, aFace([0, 1, 0, 0]));
    await bench.pause();
    await bench.frames(10, face);
    expect(bench.events.map(({ body }) => [body.decision, body.claimedPersonId, body.reasons[0]])).toEqual([
      ['denied', ada, 'claim-not-met'],
      ['granted', ada, 'matched'],
    ]);
    await bench.pause();
    await bench.frames(3, aFace([0, 1, 0, 0]));
    expect(bench.events.at(-1)?.body).toMatchObject({ decision: 'granted', personId: eve, claimedPersonId: null });
    expect(bench.granted).toHaveLength(2);
  });

  describe('at a door that asks people to move', () => {
    /** A face whose nose points that far to the person's left, 0: into the camera. */
    const turnedBy = (share: number, values = [1, 0, 0, 0]): SeenFace => ({
      ...aFace(values),
      points: Float32Array.of(8, 10, 18, 10, 13 + share * 22, 16, 9, 20, 17, 20),
    });
    const ahead = turnedBy(0);
    const [left, right] = [turnedBy(0.25), turnedBy(-0.25)];

    function asking(): Bench {
      const bench = new Bench(database);
      bench.policy = { ...bench.policy, rules: { ...bench.policy.rules, activeLiveness: { required: true } } };
      bench.enrol(...enrolled(ada, [1, 0, 0, 0]), ...enrolled(eve, [0, 1, 0, 0]));
      return bench;
    }

    it('lets in who turns as asked and looks back, once', async () => {
      const bench = asking();
      await bench.frames(5, ahead);
      expect(bench.happened).toEqual(['turn-left']);
      await bench.frames(2, left);
      expect(bench.granted).toEqual([]);
      await bench.frames(3, ahead);
      expect(bench.happened).toEqual(['turn-left', 'verification', 'door']);
      await bench.frames(60, ahead);
      await bench.frames(2, left);
      await bench.frames(5, ahead);
      expect(bench.happened).toEqual(['turn-left', 'verification', 'door']);
      expect(bench.events[0]?.body).toMatchObject({ decision: 'granted', personId: ada, reasons: ['matched'] });
    });

    it('shows the prompt while it stands', async () => {
      const bench = asking();
      expect(await bench.prompts(4, ahead)).toEqual([null, 'turn-left', 'turn-left', 'turn-left']);
      expect(await bench.prompts(30, ahead)).toContain(null);
    });

    it.each([
      ['stands still for five seconds', (bench: Bench) => bench.frames(30, ahead)],
      ['turns the other way', (bench: Bench) => bench.frames(2, right)],
      ['leaves', (bench: Bench) => bench.pause()],
      [
        'is another one when it looks back',
        async (bench: Bench) => {
          await bench.frames(2, { ...left, encoding: null });
          await bench.frames(30, turnedBy(0, [0, 1, 0, 0]));
        },
      ],
    ])('refuses who %s', async (_, answer) => {
      const bench = asking();
      await bench.frames(4, ahead);
      await answer(bench);
      await bench.pause();
      expect(bench.granted).toEqual([]);
      expect(bench.events[0]?.body).toMatchObject({
        decision: 'denied',
        personId: ada,
        reasons: ['matched', 'challenge-failed'],
      });
    });

    it('asks anew about a claim, and after a grant that was for another', async () => {
      const bench = asking();
      await bench.frames(3, ahead);
      await bench.frames(1, left);
      await bench.frames(1, ahead);
      expect(bench.granted).toHaveLength(1);
      bench.claims.place(ada, 60_000);
      await bench.frames(5, ahead);
      expect(bench.granted).toHaveLength(1);
      await bench.frames(1, left);
      await bench.frames(1, ahead);
      expect(bench.granted).toHaveLength(2);
    });

    it('counts what is not done towards the lock-out', async () => {
      const bench = asking();
      const lockOut = { enabled: true, failures: 2, windowS: 300, forS: 60 };
      bench.policy = { ...bench.policy, rules: { ...bench.policy.rules, lockOut } };
      for (let i = 0; i < 3; i++) {
        await bench.frames(30, ahead);
        await bench.pause();
      }
      expect(bench.events.map(({ body }) => body.reasons.at(-1))).toEqual([
        'challenge-failed',
        'challenge-failed',
        'locked-out',
      ]);
    });
  });
});
