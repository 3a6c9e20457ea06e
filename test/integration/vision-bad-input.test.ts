import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { distance } from '@latchkey/domain';
import { createFaceAnalyzer, decodeImage, type FaceAnalyzer, type FaceObservation, singleFace } from '@latchkey/vision';
import sharp from 'sharp';
import { samplePath } from './vision-samples.ts';

let analyzer: FaceAnalyzer;
let cacheDir: string;
let portrait: Buffer;
let reference: FaceObservation;

const faceOf = async (bytes: Uint8Array): Promise<FaceObservation> =>
  singleFace(await analyzer.analyze(await decodeImage(bytes)), { source: 'upload' });

beforeAll(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'latchkey-bad-input-'));
  analyzer = await createFaceAnalyzer({ cacheDir });
  // The face at the right of the first sample, alone in its picture.
  portrait = await sharp(samplePath(1)).extract({ left: 1300, top: 100, width: 560, height: 560 }).png().toBuffer();
  reference = await faceOf(portrait);
});
afterAll(async () => {
  await analyzer?.dispose();
  await rm(cacheDir, { recursive: true, force: true });
});

const picture = () => sharp(portrait);
const blank = (width: number, height: number) => sharp({ create: { width, height, channels: 3, background: '#777' } });

/** The table of docs: input → what a user gets. `works` means: the same person as in the plain picture. */
const table: Readonly<Record<string, readonly [make: () => Promise<Uint8Array>, outcome: string]>> = {
  'text instead of a picture': [async () => Buffer.from('name,age\nann,41\n'), 'not-an-image'],
  'an SVG': [
    async () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="99" height="99"/>'),
    'not-an-image',
  ],
  'half a JPEG': [
    async () =>
      picture()
        .jpeg()
        .toBuffer()
        .then((jpeg) => jpeg.subarray(0, jpeg.length / 2)),
    'image-truncated',
  ],
  'a picture of 51 megapixels': [
    async () => blank(10_200, 5_000).png({ compressionLevel: 1 }).toBuffer(),
    'image-too-large',
  ],
  'a picture without a face': [async () => blank(640, 480).jpeg().toBuffer(), 'no-face'],
  'a group': [async () => readFile(samplePath(1)), 'several-faces'],
  'a JPEG': [async () => picture().jpeg({ quality: 90 }).toBuffer(), 'works'],
  'a JPEG that EXIF turns by 90°': [
    async () => picture().rotate(270).withMetadata({ orientation: 6 }).jpeg().toBuffer(),
    'works',
  ],
  'a JPEG that EXIF turns by 180°': [
    async () => picture().rotate(180).withMetadata({ orientation: 3 }).jpeg().toBuffer(),
    'works',
  ],
  'a CMYK JPEG': [async () => picture().toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer(), 'works'],
  'a grey PNG': [async () => picture().greyscale().png().toBuffer(), 'works'],
  'a PNG with an alpha channel': [async () => picture().ensureAlpha(0.9).png().toBuffer(), 'works'],
  'an animation': [
    async () =>
      sharp([portrait, await blank(560, 560).png().toBuffer()], { join: { animated: true } })
        .webp({ delay: [100, 100] })
        .toBuffer(),
    'works',
  ],
};

describe('a picture that somebody uploads', () => {
  it.each(Object.entries(table))('%s', async (_, [make, outcome]) => {
    const bytes = await make();
    if (outcome === 'works') {
      const face = await faceOf(bytes);
      expect(distance(face.encoding, reference.encoding)).toBeLessThan(analyzer.model.identifyMaxDistance);
    } else {
      await expect(faceOf(bytes)).rejects.toMatchObject({ code: outcome });
    }
  });

  it('leaves the analyzer as it was', async () => {
    const again = await faceOf(portrait);
    expect(distance(again.encoding, reference.encoding)).toBe(0);
  });
});
