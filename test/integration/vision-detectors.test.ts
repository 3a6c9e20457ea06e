import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Box, RgbImage } from '@latchkey/domain';
import { createFaceDetector, type DetectorChoice, decodeImage, type FaceDetector } from '@latchkey/vision';
import sharp, { type OverlayOptions } from 'sharp';
import { samplePath } from './vision-samples.ts';

const FRAME = { width: 640, height: 480 } as const;
/** The smallest faces that are promised, forehead to chin. */
const MIN_FACE_PX = 40;

const yunet = fileURLToPath(new URL('../../../shared/models/yunet.onnx', import.meta.url));
if (!existsSync(yunet)) console.warn('YuNet is not beside the repository (../shared/models): it is not tested.');

/** People of face-api's photographs: the middle of a face and its height, forehead to chin, in the photograph's pixels. */
const people = [
  { sample: 6, x: 1586, y: 416, heightPx: 300 },
  { sample: 4, x: 1348, y: 275, heightPx: 248 },
  { sample: 1, x: 1585, y: 323, heightPx: 225 },
] as const;
type Person = (typeof people)[number];

/** A face to be pasted into a frame, its middle at `x`, `y`. */
interface Pasted {
  readonly person: Person;
  readonly x: number;
  readonly y: number;
  readonly heightPx: number;
  /** Degrees clockwise; 0 when absent. */
  readonly turned?: number;
}

interface Subject {
  readonly name: string;
  readonly choice: DetectorChoice;
  /** Heights of pasted faces of which it misses none, each with the smallest height that is asked for (`docs/accuracy.md`). */
  readonly heights: readonly (readonly [heightPx: number, minFacePx: number])[];
}

const yunetSubject: Subject = {
  name: 'yunet',
  choice: { model: 'yunet', path: yunet },
  heights: [
    [40, 20],
    [60, 25],
    [80, MIN_FACE_PX],
    [120, MIN_FACE_PX],
    [240, MIN_FACE_PX],
  ],
};

const reliable: readonly Subject[] = [
  {
    name: 'blazeface',
    choice: 'blazeface',
    heights: [
      [40, 28],
      [48, MIN_FACE_PX],
      [60, MIN_FACE_PX],
      [120, MIN_FACE_PX],
      [240, MIN_FACE_PX],
    ],
  },
  ...(existsSync(yunet) ? [yunetSubject] : []),
];

let cacheDir: string;
beforeAll(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'latchkey-find-'));
});
afterAll(() => rm(cacheDir, { recursive: true, force: true }));

/** A head with some of what is around it, `heightPx` high from forehead to chin. */
async function head({ person, heightPx, turned = 0 }: Pasted): Promise<Buffer> {
  const side = Math.round(1.6 * person.heightPx);
  const [left, top] = [Math.round(person.x - side / 2), Math.max(0, Math.round(person.y - side / 2))];
  const cut = await sharp(samplePath(person.sample))
    .extract({ left, top, width: side, height: side })
    .resize(Math.round(1.6 * heightPx))
    .png()
    .toBuffer();
  if (turned === 0) return cut;
  return sharp(cut).rotate(turned, { background: '#6b7075' }).png().toBuffer();
}

/** A grey wall with faces. */
async function frameWith(faces: readonly Pasted[]): Promise<RgbImage> {
  const overlays: OverlayOptions[] = [];
  for (const face of faces) {
    const input = await head(face);
    const { width = 0, height = 0 } = await sharp(input).metadata();
    const [x, y] = [Math.round(face.x - width / 2), Math.round(face.y - height / 2)];
    // What lies outside the frame is cut off: sharp pastes nothing that is larger than what it is pasted on.
    const [left, top] = [Math.max(x, 0), Math.max(y, 0)];
    const part = {
      left: left - x,
      top: top - y,
      width: Math.min(x + width, FRAME.width) - left,
      height: Math.min(y + height, FRAME.height) - top,
    };
    overlays.push({ input: await sharp(input).extract(part).png().toBuffer(), left, top });
  }
  const wall = sharp({ create: { ...FRAME, channels: 3, background: '#6b7075' } });
  return decodeImage(await wall.composite(overlays).png().toBuffer());
}

/** One person's face as large as the frame is high. */
async function fullFrame({ sample, x, y, heightPx }: Person): Promise<RgbImage> {
  const width = Math.round((heightPx * FRAME.width) / FRAME.height);
  const cut = { left: Math.round(x - width / 2), top: Math.round(y - heightPx / 2), width, height: heightPx };
  return decodeImage(
    await sharp(samplePath(sample)).extract(cut).resize(FRAME.width, FRAME.height, { fit: 'fill' }).png().toBuffer(),
  );
}

const holds = ({ x, y, width, height }: Box, at: { readonly x: number; readonly y: number }): boolean =>
  at.x > x && at.x < x + width && at.y > y && at.y < y + height;

/** Box heights in face heights that still count as this face's. */
const isAsLarge = ({ height }: Box, heightPx: number): boolean => height > 0.5 * heightPx && height < 1.6 * heightPx;

describe.each(reliable)('$name', ({ choice, heights }) => {
  let detector: FaceDetector;
  beforeAll(async () => {
    detector = await createFaceDetector({ cacheDir, detector: choice });
  });
  afterAll(() => detector?.dispose());

  /** Every face once, and nothing else. */
  async function expectFound(faces: readonly Pasted[], minFacePx = MIN_FACE_PX): Promise<void> {
    const boxes = await detector.detect(await frameWith(faces), minFacePx);
    const found = faces.map((face) => boxes.filter((box) => holds(box, face) && isAsLarge(box, face.heightPx)).length);
    expect({ found, boxes: boxes.length }).toEqual({ found: faces.map(() => 1), boxes: faces.length });
  }

  describe.each(heights)('a face of %i pixels, where %i are asked for', (heightPx, minFacePx) => {
    it.each(people)('out of sample $sample, anywhere in the frame', async (person) => {
      const half = Math.min(0.8 * heightPx, FRAME.height / 2);
      for (const [x, y] of [
        [FRAME.width / 2, FRAME.height / 2],
        [half, half],
        [FRAME.width - half, FRAME.height - half],
      ] as const)
        await expectFound([{ person, x, y, heightPx }], minFacePx);
    });
  });

  it.each(people)('finds the face of sample $sample that fills the frame', async (person) => {
    const boxes = await detector.detect(await fullFrame(person), MIN_FACE_PX);
    expect(boxes).toHaveLength(1);
    expect(boxes.every((box) => holds(box, { x: FRAME.width / 2, y: FRAME.height / 2 }))).toBe(true);
  });

  it('finds several people at once, near and far', async () => {
    const [a, b, c] = people;
    await expectFound([
      { person: a, x: 180, y: 240, heightPx: 200 },
      { person: b, x: 450, y: 120, heightPx: 100 },
      { person: c, x: 560, y: 340, heightPx: 80 },
      { person: a, x: 420, y: 400, heightPx: 60 },
    ]);
  });

  it.each([-15, 15])('finds faces that are turned by %i degrees', async (turned) => {
    const [a, b] = people;
    await expectFound([
      { person: a, x: 160, y: 240, heightPx: 160, turned },
      { person: b, x: 480, y: 240, heightPx: 160, turned },
    ]);
  });

  it.each(people)('finds the face of sample $sample of which the frame cuts off a quarter', async (person) => {
    const heightPx = 160;
    for (const [x, y] of [
      // A face is about three quarters as wide as high.
      [0.19 * heightPx, 240],
      [FRAME.width - 0.19 * heightPx, 240],
      [320, FRAME.height - 0.25 * heightPx],
    ] as const)
      await expectFound([{ person, x, y, heightPx }]);
  });

  it('finds nobody on an empty wall', async () => {
    expect(await detector.detect(await frameWith([]), MIN_FACE_PX)).toEqual([]);
  });

  it.each([
    [5, 640, 5],
    [6, 400, 4],
  ])('finds everybody in sample %i at a width of %i pixels', async (sample, width, count) => {
    const image = await decodeImage(await sharp(samplePath(sample)).resize(width).png().toBuffer());
    expect(await detector.detect(image, MIN_FACE_PX)).toHaveLength(count);
  });
});

/** The detectors of face-api, which miss some faces of every size: most are found, and a wall is no face. */
describe.each(['ssd-mobilenet', 'tiny-face'] as const)('%s', (choice) => {
  let detector: FaceDetector;
  beforeAll(async () => {
    detector = await createFaceDetector({ cacheDir, detector: choice });
  });
  afterAll(() => detector?.dispose());

  it('finds most faces of 40 to 240 pixels, each once', async () => {
    let found = 0;
    for (const heightPx of [40, 120, 240]) {
      for (const person of people) {
        const face = { person, x: FRAME.width / 2, y: FRAME.height / 2, heightPx };
        const boxes = await detector.detect(await frameWith([face]), MIN_FACE_PX);
        expect(boxes.length).toBeLessThanOrEqual(1);
        found += boxes.filter((box) => holds(box, face) && isAsLarge(box, heightPx)).length;
      }
    }
    expect(found).toBeGreaterThanOrEqual(6);
  });

  it('finds most faces that fill the frame', async () => {
    let found = 0;
    for (const person of people) found += (await detector.detect(await fullFrame(person), MIN_FACE_PX)).length;
    expect(found).toBeGreaterThanOrEqual(2);
  });

  it('finds nobody on an empty wall', async () => {
    expect(await detector.detect(await frameWith([]), MIN_FACE_PX)).toEqual([]);
  });
});
