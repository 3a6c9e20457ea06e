import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { type EventKind, encodingFromBase64, type FaceBody, faceBody, firstDoorPolicy } from '@latchkey/contracts';
import { type GalleryOperation, LatchkeyError } from '@latchkey/domain';
import { aFace, anImage, ManualClock, scriptedModel } from '@latchkey/testing';
import type { FaceObservation } from '@latchkey/vision';
import { pino } from 'pino';
import { EventRecorder, type EventStore } from '../events/event-recorder.ts';
import { GroupRows } from '../gallery/group-rows.ts';
import { LiveGallery } from '../gallery/live-gallery.ts';
import { FaceDecider } from './face-decider.ts';

const ada = randomUUID();
const eve = randomUUID();
const silent = pino({ level: 'silent' });

function enrolled(personId: string, values: readonly number[], modelId = scriptedModel.id): GalleryOperation[] {
  return [
    { op: 'upsert-person', personId, name: personId, always: false },
    { op: 'upsert-encoding', encodingId: `${personId}/1`, personId, modelId, values: Float32Array.from(values) },
  ];
}

/** A decider with a gallery, and what came out of it in the order in which it came. */
class Bench {
  readonly clock = new ManualClock();
  readonly gallery = new LiveGallery(scriptedModel.id, 4);
  readonly happened: string[] = [];
  readonly events: { kind: EventKind; body: FaceBody; thumbnail: string | null }[] = [];
  readonly granted: { personId: string; trackId: string; decidedAt: number }[] = [];
  policy = firstDoorPolicy;
  diskFails = false;
  private readonly image = anImage();
  private readonly decider: FaceDecider;

  constructor() {
    const store = { append: (event) => this.append(event) } as EventStore;
    const stamp = () => ({ occurredAt: this.clock.now(), clockOffsetMs: null, clockTrusted: false });
    this.decider = new FaceDecider({
      model: scriptedModel,
      gallery: this.gallery,
      recorder: new EventRecorder(store, stamp, silent),
      door: {
        grant: (request) => {
          this.happened.push('door');
          this.granted.push(request);
        },
      },
      doorPolicy: () => this.policy,
      clockTrusted: () => false,
      clock: this.clock,
      newId: randomUUID,
      onDecided: () => undefined,
      logger: silent,
    });
  }

  /** Who is in the gallery. */
  enrol(...operations: GalleryOperation[]): void {
    this.gallery.set('staff', 7, GroupRows.empty.after(operations));
  }

  /** So many frames, 200 ms apart, with these faces. */
  async frames(count: number, ...faces: FaceObservation[]): Promise<void> {
    for (let i = 0; i < count; i++) {
      this.clock.advance(200);
      await this.decider.handle(
        {
          image: this.image,
          capturedAt: this.clock.now(),
          capturedMonotonicMs: this.clock.monotonicMs(),
          cameraId: 'camera',
          source: 'test',
        },
        faces,
      );
    }
  }

  /** Nobody is to be seen for long enough to end every presence. */
  async pause(): Promise<void> {
    await this.frames(3);
  }

  private append({ kind, body, thumbnail }: Parameters<EventStore['append']>[0]): ReturnType<EventStore['append']> {
    if (this.diskFails) throw new LatchkeyError('storage-full', 'The disk is full.');
    this.happened.push(kind);
    if (kind === 'verification' || kind === 'unknown') {
      this.events.push({ kind, body: faceBody.parse(body), thumbnail: thumbnail ?? null });
    }
    return {} as ReturnType<EventStore['append']>;
  }
}

const face = aFace([1, 0, 0, 0]);

describe('deciding about faces', () => {
  it('writes one verification for a presence of a known person, and opens after it is on disk', async () => {
    const bench = new Bench();
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
    const bench = new Bench();
    await bench.frames(2, face);
    const jpeg = Buffer.from(bench.events[0]?.thumbnail ?? '', 'base64');
    expect(jpeg.subarray(0, 3).toString('hex')).toBe('ffd8ff');
    expect(jpeg.length).toBeLessThanOrEqual(12 * 1024);
    expect(bench.events[0]?.body.snapshotId).not.toBeNull();
  });

  it('waits for two frames that agree', async () => {
    const bench = new Bench();
    bench.enrol(...enrolled(ada, [1, 0, 0, 0]));
    await bench.frames(1, face);
    expect(bench.happened).toEqual([]);
    await bench.frames(1, face);
    expect(bench.happened).toEqual(['verification', 'door']);
  });

  it('writes one unknown for a stranger, with the encoding, and leaves the door shut', async () => {
    const bench = new Bench();
    bench.enrol(...enrolled(ada, [-1, 0, 0, 0]));
    await bench.frames(5, face);
    expect(bench.happened).toEqual(['unknown']);
    const [event] = bench.events;
    expect(event?.body).toMatchObject({ personId: null, decision: 'unknown', reasons: ['too-far'], distance: 2 });
    expect(encodingFromBase64(event?.body.encoding ?? '')).toEqual(face.encoding.values);
  });

  it('says that the gallery is empty', async () => {
    const bench = new Bench();
    await bench.frames(2, face);
    expect(bench.events[0]?.body).toMatchObject({ distance: null, margin: null, reasons: ['empty-gallery'] });
  });

  it('does not decide between two people who are equally near, and gives no encoding of theirs away', async () => {
    const bench = new Bench();
    bench.enrol(...enrolled(ada, [1, 0.2, 0, 0]), ...enrolled(eve, [1, -0.2, 0, 0]));
    await bench.frames(3, face);
    expect(bench.happened).toEqual(['unknown']);
    expect(bench.events[0]?.body).toMatchObject({ personId: null, reasons: ['narrow-margin'], encoding: null });
  });

  it('writes another event for every presence', async () => {
    const bench = new Bench();
    bench.enrol(...enrolled(ada, [1, 0, 0, 0]));
    await bench.frames(3, face);
    await bench.pause();
    await bench.frames(3, face);
    expect(bench.happened).toEqual(['verification', 'door', 'verification', 'door']);
    expect(new Set(bench.events.map(({ body }) => body.trackId)).size).toBe(2);
  });

  it('names somebody who is enrolled while standing there', async () => {
    const bench = new Bench();
    await bench.frames(3, face);
    bench.enrol(...enrolled(ada, [1, 0, 0, 0]));
    await bench.frames(3, face);
    expect(bench.happened).toEqual(['unknown', 'verification', 'door']);
    expect(new Set(bench.events.map(({ body }) => body.trackId)).size).toBe(1);
  });

  it('lets nobody in on frames from before they were removed', async () => {
    const bench = new Bench();
    bench.enrol(...enrolled(ada, [1, 0, 0, 0]));
    await bench.frames(1, face);
    bench.enrol();
    await bench.frames(3, face);
    expect(bench.happened).toEqual(['unknown']);
  });

  it('tells that somebody was removed while standing there', async () => {
    const bench = new Bench();
    bench.enrol(...enrolled(ada, [1, 0, 0, 0]));
    await bench.frames(3, face);
    bench.enrol();
    await bench.frames(3, face);
    expect(bench.happened).toEqual(['verification', 'door', 'unknown']);
  });

  it('does not call a known person who turns away a stranger', async () => {
    const bench = new Bench();
    bench.enrol(...enrolled(ada, [1, 0, 0, 0]));
    await bench.frames(3, face);
    await bench.frames(5, aFace([0.6, 0.5, 0, 0]));
    expect(bench.happened).toEqual(['verification', 'door']);
  });

  it('tells at the end that a face was too poor to judge', async () => {
    const bench = new Bench();
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
    const bench = new Bench();
    await bench.frames(1, face);
    await bench.pause();
    expect(bench.happened).toEqual([]);
  });

  it('leaves the door shut while the event cannot be written, and opens once it can', async () => {
    const bench = new Bench();
    bench.enrol(...enrolled(ada, [1, 0, 0, 0]));
    bench.diskFails = true;
    await bench.frames(10, face);
    expect(bench.happened).toEqual([]);
    bench.diskFails = false;
    await bench.frames(6, face);
    expect(bench.happened).toEqual(['health', 'verification', 'door']);
  });

  it('decides by the seed’s rule on the first frame where that is the policy', async () => {
    const bench = new Bench();
    bench.policy = { ...firstDoorPolicy, policy: 'seed' };
    bench.enrol(...enrolled(ada, [1, 0.69, 0, 0]));
    await bench.frames(1, face);
    expect(bench.happened).toEqual(['verification', 'door']);
    expect(bench.events[0]?.body).toMatchObject({ personId: ada, maxDistance: 0.7 });
  });

  it('does not use encodings of another model, and says that they are there', async () => {
    const bench = new Bench();
    bench.enrol(...enrolled(ada, [1, 0, 0, 0], 'older'));
    await bench.frames(2, face);
    expect(bench.events[0]?.body).toMatchObject({ decision: 'unknown', reasons: ['empty-gallery', 'model-changed'] });
  });

  it('says that a damaged gallery was left out', async () => {
    const bench = new Bench();
    bench.enrol(...enrolled(ada, [1, 0, 0, 0]));
    bench.gallery.lock('staff');
    await bench.frames(2, face);
    expect(bench.events[0]?.body).toMatchObject({ decision: 'unknown', reasons: ['empty-gallery', 'gallery-locked'] });
  });

  it('follows several people at once', async () => {
    const bench = new Bench();
    bench.enrol(...enrolled(ada, [1, 0, 0, 0]), ...enrolled(eve, [0, 1, 0, 0]));
    await bench.frames(3, face, aFace([0, 1, 0, 0], { x: 30 }), aFace([0, 0, 1, 0], { x: 60 }));
    expect(bench.events.map(({ body }) => body.personId)).toEqual([ada, eve, null]);
  });
});
