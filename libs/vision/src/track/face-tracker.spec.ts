import { describe, expect, it } from '@jest/globals';
import type { Box } from '@latchkey/domain';
import { facesToEncode } from './encoding-plan.ts';
import { FaceTracker, type TrackableFace } from './face-tracker.ts';
import { countTrackingErrors, type TrackedFrame, type TrackingErrors } from './tracking-errors.ts';

/** Somebody who walks through a made sequence. */
interface Actor {
  readonly name: string;
  /** Centre and side of the face at a time in ms, null while it is not to be seen. */
  readonly at: (ms: number) => { readonly x: number; readonly y?: number; readonly side?: number } | null;
  readonly quality?: (ms: number) => number;
  /** When the detector does not find a face that is there. */
  readonly missed?: (ms: number) => boolean;
  readonly score?: (ms: number) => number;
}

interface Run {
  readonly errors: TrackingErrors;
  readonly encoded: number;
  readonly tracks: number;
}

const dimension = 16;

/** Numbers of −1 … 1 that look like chance and are the same in every run. */
function noise(seed: number): () => number {
  let state = seed + 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/** A view of a person: two people are about √2 apart, two views of one about 0.3. */
function encodingOf(name: string, random: () => number): Float32Array {
  const axis = [...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % dimension;
  return Float32Array.from({ length: dimension }, (_, i) => (i === axis ? 1 : 0) + 0.09 * random());
}

/** Films the actors, and has the faces followed as a camera's are: encoded only where the tracker wants it. */
function film(actors: readonly Actor[], durationMs: number, frameMs = 33): Run {
  const random = noise(actors.length * 7919 + durationMs);
  let [made, encoded] = [0, 0];
  const tracker = new FaceTracker<TrackableFace & { readonly name: string }>({
    maxDistance: 0.7,
    newTrackId: () => `track ${++made}`,
  });
  const firstSeen = new Map<string, number>();
  const frames: TrackedFrame[] = [];
  const told = new Set<string>();
  for (let ms = 0; ms < durationMs; ms += frameMs) {
    const truth: { presence: string; box: Box }[] = [];
    const found: (Omit<TrackableFace, 'encoding'> & { name: string })[] = [];
    for (const actor of actors) {
      const place = actor.at(ms);
      if (!place) continue;
      const { x, y = 200, side = 80 } = place;
      truth.push({ presence: actor.name, box: { x: x - side / 2, y: y - side / 2, width: side, height: side } });
      if (actor.missed?.(ms)) continue;
      const shaken = () => random() * side * 0.03;
      const box = { x: x - side / 2 + shaken(), y: y - side / 2 + shaken(), width: side + shaken(), height: side };
      const score = actor.score?.(ms) ?? 0.9;
      found.push({ name: actor.name, box, score, quality: { score: actor.quality?.(ms) ?? 80 } });
    }
    // Half a second after it came, the door has made up its mind about a face.
    const known = tracker.known(ms, (trackId) => ms - (firstSeen.get(trackId) ?? ms) > 500);
    const wanted = facesToEncode(found, { known, minQuality: 40 });
    encoded += wanted.size;
    const faces = found.map((face) => ({
      ...face,
      encoding: wanted.has(face) ? { modelId: 'made', values: encodingOf(face.name, random) } : null,
    }));
    const tracked = tracker.update(faces, ms).faces.map(({ trackId, face }) => ({ trackId, box: face.box }));
    for (const { trackId } of tracked) {
      told.add(trackId);
      if (!firstSeen.has(trackId)) firstSeen.set(trackId, ms);
    }
    frames.push({ truth, tracked });
  }
  return { errors: countTrackingErrors(frames), encoded, tracks: told.size };
}

const still = (x: number) => () => ({ x });
const walking = (from: number, pxPerS: number) => (ms: number) => ({ x: from + (pxPerS * ms) / 1000 });
const between = (ms: number, from: number, to: number) => ms >= from && ms < to;
const clean = { missed: 0, invented: 0, switches: 0, fragments: 0, accuracy: 1 };

describe('faces that are followed', () => {
  it('are encoded when they come and twice a second, not in every frame', () => {
    const { errors, encoded, tracks } = film([{ name: 'ada', at: still(200) }], 10_000);
    expect({ tracks, errors }).toEqual({ tracks: 1, errors: { ...clean, faces: 304 } });
    expect(encoded).toBeGreaterThanOrEqual(20);
    expect(encoded).toBeLessThanOrEqual(28);
  });

  it('keep their tracks when they cross, one behind the other for a while', () => {
    const ada = { name: 'ada', at: walking(0, 200) };
    const hidden = (ms: number) => Math.abs(600 - (400 * ms) / 1000) < 60;
    const eve = { name: 'eve', at: walking(600, -200), missed: hidden };
    const { errors, tracks } = film([ada, eve], 3_000);
    expect(tracks).toBe(2);
    expect(errors).toMatchObject({ invented: 0, switches: 0, fragments: 1 });
  });

  it('keep their tracks when they meet and turn back', () => {
    const meet = (from: number, way: number) => (ms: number) => ({
      x: from + way * (200 - Math.abs(ms - 1500) / 7.5),
    });
    const { errors, tracks } = film(
      [
        { name: 'ada', at: meet(150, 1) },
        { name: 'eve', at: meet(550, -1) },
      ],
      3_000,
    );
    expect({ tracks, switches: errors.switches }).toEqual({ tracks: 2, switches: 0 });
  });

  it.each([33, 100, 200, 500])(
    'keep their tracks when two change places from one frame to the next, %d ms apart',
    (frameMs) => {
      const swap = (before: number, after: number) => (ms: number) => ({ x: ms < 2_000 ? before : after });
      const actors = [
        { name: 'ada', at: swap(150, 450) },
        { name: 'eve', at: swap(450, 150) },
      ];
      const { errors } = film(actors, 4_000, frameMs);
      // Seen at once where frames are far apart, else at the next encoding.
      expect(errors.switches).toBeLessThanOrEqual(frameMs > 250 ? 0 : 4);
      expect(errors.invented).toBe(0);
    },
  );

  it('keep their tracks over frames in which the detector misses them', () => {
    const missed = (ms: number) => between(ms % 1_000, 300, 600);
    const { errors, tracks } = film([{ name: 'ada', at: walking(0, 150), missed }], 4_000);
    expect(tracks).toBe(1);
    expect(errors).toMatchObject({ invented: 0, switches: 0 });
  });

  it('keep their tracks when they are hidden for most of a second, and come out elsewhere', () => {
    const missed = (ms: number) => between(ms, 1_000, 1_800);
    const { errors, tracks } = film([{ name: 'ada', at: walking(0, 300), missed }], 3_000);
    expect({ tracks, switches: errors.switches, fragments: errors.fragments }).toEqual({
      tracks: 1,
      switches: 0,
      fragments: 1,
    });
  });

  it('begin a new track when they come back later', () => {
    const visit = (from: number, to: number) => (ms: number) => (between(ms, from, to) ? { x: 200 } : null);
    const actors = [
      { name: 'ada', at: visit(0, 1_000) },
      { name: 'ada', at: visit(2_500, 4_000) },
    ];
    expect(film(actors, 4_000).tracks).toBe(2);
  });

  it('are found out within half a second when somebody else takes their place', () => {
    const first = { name: 'ada', at: (ms: number) => (ms < 2_000 ? { x: 200 } : null) };
    const second = { name: 'eve', at: (ms: number) => (ms < 2_000 ? null : { x: 200 }) };
    const { errors, tracks } = film([first, second], 4_000);
    expect(tracks).toBe(2);
    expect(errors.switches).toBeLessThanOrEqual(1);
  });

  it('are encoded again when they show themselves better', () => {
    const better = { name: 'ada', at: still(200), quality: (ms: number) => (ms < 180 ? 45 : 90) };
    const same = { name: 'ada', at: still(200), quality: () => 45 };
    const counts = [better, same].map((actor) => film([actor], 250).encoded);
    expect(counts[0]).toBeGreaterThan(counts[1] as number);
  });

  it('are told but never encoded while no view is good enough', () => {
    const { errors, encoded, tracks } = film([{ name: 'ada', at: walking(0, 100), quality: () => 20 }], 2_000);
    expect({ encoded, tracks }).toEqual({ encoded: 0, tracks: 1 });
    expect(errors).toMatchObject({ missed: 2, switches: 0, fragments: 0 });
  });

  it('go on with a face that the detector is not sure of, which begins none', () => {
    const unsure = { name: 'ada', at: walking(0, 100), score: (ms: number) => (ms < 500 ? 0.9 : 0.3) };
    expect(film([unsure], 2_000)).toMatchObject({ tracks: 1, errors: clean });
    expect(film([{ ...unsure, score: () => 0.3 }], 2_000).tracks).toBe(0);
  });

  it('are five at once, coming and going, without a mistake', () => {
    const actors = ['a', 'b', 'c', 'd', 'e'].map((name, i) => ({
      name,
      at: (ms: number) =>
        between(ms, i * 300, 6_000 - i * 300) ? { x: 100 + i * 140 + 30 * Math.sin(ms / 400) } : null,
    }));
    const { errors, tracks, encoded } = film(actors, 6_000);
    expect({ tracks, errors }).toMatchObject({ tracks: 5, errors: clean });
    expect(encoded / errors.faces).toBeLessThan(0.12);
  });
});
