import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  countTrackingErrors,
  createFaceAnalyzer,
  type FaceAnalyzer,
  FaceTracker,
  type SeenFace,
  type TrackedFrame,
  type TrackingErrors,
} from '@latchkey/vision';
import { modelCacheDir } from './agent-site.ts';
import { type CutOut, cutOutOf, faceBoxOf, type Placed, pictureOf } from './made-clip.ts';

/** 15 pictures a second. */
const frameMs = 66;

let analyzer: FaceAnalyzer;
let ada: CutOut;
let eve: CutOut;
let bob: CutOut;

beforeAll(async () => {
  analyzer = await createFaceAnalyzer({ cacheDir: modelCacheDir });
  [ada, eve, bob] = [
    await cutOutOf('first', analyzer),
    await cutOutOf('second', analyzer),
    await cutOutOf('third', analyzer),
  ];
});

afterAll(() => analyzer.dispose());

/** Who is where in a picture; the later ones are in front. */
type Scene = (ms: number) => Readonly<Record<string, Placed | null>>;

/** Films a scene and follows its faces with the real detector and encoder. */
async function film(
  scene: Scene,
  durationMs: number,
): Promise<{ errors: TrackingErrors; tracks: number; encoded: number }> {
  let [made, encoded] = [0, 0];
  const tracker = new FaceTracker<SeenFace>({
    maxDistance: analyzer.model.maxDistance * 1.2,
    newTrackId: () => `track ${++made}`,
  });
  const frames: TrackedFrame[] = [];
  const told = new Set<string>();
  for (let ms = 0; ms < durationMs; ms += frameMs) {
    const shown = Object.entries(scene(ms)).flatMap(([presence, placed]) => (placed ? [{ presence, placed }] : []));
    const image = pictureOf(shown.map(({ placed }) => placed));
    const faces = await analyzer.look(image, { plan: { known: tracker.known(ms, () => ms > 600), minQuality: 30 } });
    encoded += faces.filter(({ encoding }) => encoding !== null).length;
    const tracked = tracker.update(faces, ms).faces.map(({ trackId, face }) => ({ trackId, box: face.box }));
    for (const { trackId } of tracked) told.add(trackId);
    frames.push({ truth: shown.map(({ presence, placed }) => ({ presence, box: faceBoxOf(placed) })), tracked });
  }
  return { errors: countTrackingErrors(frames), tracks: told.size, encoded };
}

describe('faces moved over a background, through detector and encoder', () => {
  it('are one track each and seldom encoded while they walk', async () => {
    const { errors, tracks, encoded } = await film(
      (ms) => ({
        ada: { cutOut: ada, left: 20 + ms / 8, top: 30 },
        eve: { cutOut: eve, left: 400 - ms / 10, top: 260 },
      }),
      3_000,
    );
    expect({ tracks, errors }).toMatchObject({
      tracks: 2,
      errors: { switches: 0, fragments: 0, invented: 0, missed: 0 },
    });
    expect(encoded).toBeLessThan(errors.faces / 3);
  });

  it('keep their tracks when one passes before the other', async () => {
    const { errors, tracks } = await film(
      (ms) => ({
        ada: { cutOut: ada, left: 380 - ms / 8, top: 140 },
        eve: { cutOut: eve, left: 20 + ms / 8, top: 130 },
      }),
      3_000,
    );
    // While Ada is behind Eve nobody sees her.
    expect(errors.fragments).toBeLessThanOrEqual(1);
    expect({ tracks, switches: errors.switches, invented: errors.invented }).toEqual({
      tracks: 2,
      switches: 0,
      invented: 0,
    });
  });

  it('begin a track when they come and end it when they leave', async () => {
    const { errors, tracks } = await film((ms) => {
      const at = (cutOut: CutOut, left: number, from: number, to: number) =>
        ms >= from && ms < to ? { cutOut, left, top: 140 } : null;
      return {
        ada: at(ada, 10, 0, 1_000),
        eve: at(eve, 220, 500, 3_200),
        bob: at(bob, 430, 700, 3_200),
        'ada again': at(ada, 10, 2_400, 3_200),
      };
    }, 3_200);
    expect({ tracks, errors }).toMatchObject({
      tracks: 4,
      errors: { switches: 0, fragments: 0, invented: 0, missed: 0 },
    });
  });
});
