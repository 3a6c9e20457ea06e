import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type FaceQuality,
  type QualityComponent,
  type QualityReason,
  qualityFaults,
  qualityPolicies,
} from '@latchkey/domain';
import {
  centralFace,
  createFaceAnalyzer,
  decodeImage,
  type FaceAnalyzer,
  type FaceObservation,
} from '@latchkey/vision';
import sharp, { type Sharp } from 'sharp';
import { lfwFolder, samplePath } from './vision-samples.ts';

/** Frontal faces of face-api's photographs: sample, and the square around them. */
const portraits = [
  { sample: 6, left: 1360, top: 200, side: 460 },
  { sample: 4, left: 1190, top: 115, side: 355 },
  { sample: 1, left: 1400, top: 175, side: 340 },
] as const;

let cacheDir: string;
let analyzer: FaceAnalyzer;
beforeAll(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'latchkey-quality-'));
  analyzer = await createFaceAnalyzer({ cacheDir, mirrored: false });
});
afterAll(async () => {
  await analyzer?.dispose();
  await rm(cacheDir, { recursive: true, force: true });
});

type Portrait = (typeof portraits)[number];

function cut({ sample, left, top, side }: Portrait): Sharp {
  return sharp(samplePath(sample)).extract({ left, top, width: side, height: side }).resize(400);
}

async function faceIn(picture: Sharp): Promise<FaceObservation> {
  const image = await decodeImage(await picture.png().toBuffer());
  const face = centralFace(await analyzer.analyze(image, { minFacePx: 20 }), image);
  if (!face) throw new Error('There is no face in the picture.');
  return face;
}

const qualityOf = async (picture: Sharp): Promise<FaceQuality> => (await faceIn(picture)).quality;

/** The picture as a stage of its own: sharp applies its operations in an order of its own. */
const flat = async (picture: Sharp): Promise<Sharp> => sharp(await picture.png().toBuffer());

const faults: readonly (readonly [QualityComponent, QualityReason, readonly ((portrait: Sharp) => Sharp)[]])[] = [
  ['sharpness', 'blurred', [1.5, 3, 5, 8].map((sigma) => (portrait: Sharp) => portrait.blur(sigma))],
  ['exposure', 'too-dark', [0.4, 0.25, 0.15, 0.08].map((light) => (portrait: Sharp) => portrait.linear(light, 0))],
  ['exposure', 'too-bright', [70, 110, 140, 160].map((more) => (portrait: Sharp) => portrait.linear(0.9, more))],
  ['size', 'too-small', [120, 90, 70, 50].map((side) => (portrait: Sharp) => portrait.resize(side))],
];

describe.each(portraits)('a good portrait, out of sample $sample', (portrait) => {
  it('passes for enrolment', async () => {
    const quality = await qualityOf(cut(portrait));
    expect(qualityFaults(quality, qualityPolicies.enrolment)).toEqual([]);
    expect(quality.score).toBeGreaterThan(60);
  });

  it.each(faults)('loses %s step by step, until it is refused as %s', async (component, reason, steps) => {
    const judged = [await qualityOf(cut(portrait))];
    for (const step of steps) judged.push(await qualityOf(step(await flat(cut(portrait)))));
    const values = judged.map(({ components }) => components[component]);
    // Landmarks move a little from picture to picture.
    for (const [i, value] of values.slice(1).entries()) expect(value).toBeLessThanOrEqual((values[i] ?? 0) + 2);
    expect(values.at(-1)).toBeLessThan(35);
    const last = judged.at(-1) as FaceQuality;
    expect(qualityFaults(last, qualityPolicies.enrolment)).toContain(reason);
  });

  it('looks as far to one side as its mirror image to the other, and tilts as far as it is turned', async () => {
    const [face, mirrored, turned] = [
      await qualityOf(cut(portrait)),
      await qualityOf((await flat(cut(portrait))).flop()),
      await qualityOf((await flat(cut(portrait))).rotate(15, { background: '#777' })),
    ];
    expect(Math.abs(face.measures.yawDegrees + mirrored.measures.yawDegrees)).toBeLessThan(8);
    expect(Math.abs(turned.measures.rollDegrees - face.measures.rollDegrees - 15)).toBeLessThan(4);
    expect(Math.abs(turned.measures.yawDegrees - face.measures.yawDegrees)).toBeLessThan(10);
  });

  it.each([
    ['a mask', [-1, 0.55, 2, 1.2]],
    ['sunglasses', [-0.9, -0.22, 1.8, 0.44]],
    ['a patch on one eye', [0.1, -0.3, 0.8, 0.6]],
  ] as const)('is covered by %s, and refused for that', async (_, [x, y, width, height]) => {
    const { rollDegrees } = (await qualityOf(cut(portrait))).measures;
    const upright = await flat((await flat(cut(portrait))).rotate(-rollDegrees, { background: '#777' }));
    const { points, quality: open } = await faceIn(upright.clone());
    const [rightX = 0, rightY = 0, leftX = 0, leftY = 0] = points;
    const eyes = Math.hypot(leftX - rightX, leftY - rightY);
    const px = (value: number): number => Math.round(value * eyes);
    const patch = { create: { width: px(width), height: px(height), channels: 3, background: '#262626' } } as const;
    const covered = upright.composite([
      {
        input: await sharp(patch).png().toBuffer(),
        left: Math.round((rightX + leftX) / 2) + px(x),
        top: Math.round((rightY + leftY) / 2) + px(y),
      },
    ]);
    const hidden = await qualityOf(covered);
    expect(hidden.components.occlusion).toBeLessThan(open.components.occlusion);
    expect(qualityFaults(hidden, qualityPolicies.enrolment)).toContain('covered');
    for (const other of ['exposure', 'size', 'framing'] as const) {
      expect(Math.abs(hidden.components[other] - open.components[other])).toBeLessThan(40);
    }
  });
});

describe('a profile', () => {
  it('is turned away, by the angle that can be seen', async () => {
    const [profile] = await analyzer.analyze(await decodeImage(await readFile(samplePath(2))));
    expect(Math.abs(profile?.quality.measures.yawDegrees ?? 0)).toBeGreaterThan(30);
    expect(profile?.quality.reasons).toContain('turned-away');
  });
});

const folder = lfwFolder();
if (folder === null) {
  describe('the faces of lfw-dev', () => {
    it.skip('are not on this machine: put them beside the repository as ../shared/faces/lfw-dev', () => undefined);
  });
} else {
  describe('the faces of lfw-dev', () => {
    it('nearly all pass as probes, and most for enrolment', async () => {
      const images = join(folder, 'images');
      const names = (await readdir(images, { recursive: true })).filter((name) => name.endsWith('.jpg')).sort();
      const judged: FaceQuality[] = [];
      const some = names.filter((_, i) => i % 5 === 0);
      for (const name of some) {
        const image = await decodeImage(await readFile(join(images, name)));
        const face = centralFace(await analyzer.analyze(image), image);
        if (face) judged.push(face.quality);
      }
      const passing = (policy: keyof typeof qualityPolicies): number =>
        judged.filter((quality) => qualityFaults(quality, qualityPolicies[policy]).length === 0).length / some.length;
      const told = `lfw-dev: ${passing('probe').toFixed(4)} pass as probes, ${passing('enrolment').toFixed(4)} for enrolment`;
      process.stdout.write(`${told}\n`);
      expect(passing('probe')).toBeGreaterThanOrEqual(0.95);
      expect(passing('enrolment')).toBeGreaterThanOrEqual(0.9);
    });
  });
}
