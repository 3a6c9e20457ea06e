import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { distance, type Encoding } from '@latchkey/domain';
import { createFaceAnalyzer, cropJpeg, decodeImage, type FaceAnalyzer, type FaceObservation } from '@latchkey/vision';
import sharp from 'sharp';
import { samplePath } from './vision-samples.ts';

interface Golden {
  readonly modelId: string;
  readonly faces: readonly {
    readonly sample: number;
    readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
    readonly encoding: readonly number[];
  }[];
}

const samples = [1, 2, 3, 4, 5, 6];
/** The golden encodings were made with this. */
const scan = { minFacePx: 58.56 };
let cacheDir: string;
let analyzer: FaceAnalyzer;
let golden: Golden;
const found = new Map<number, readonly FaceObservation[]>();

beforeAll(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'latchkey-analyzer-'));
  analyzer = await createFaceAnalyzer({ cacheDir });
  golden = JSON.parse(await readFile(new URL('../golden/face-api-samples.json', import.meta.url), 'utf8'));
  for (const sample of samples) {
    const image = await decodeImage(await readFile(samplePath(sample)));

    found.set(sample, await analyzer.analyze(image, scan));
  }
});
afterAll(async () => {
  await analyzer?.dispose();
  await rm(cacheDir, { recursive: true, force: true });
});

const facesOf = (sample: number): readonly FaceObservation[] => found.get(sample) ?? [];

describe('the faces in face-api’s sample pictures', () => {
  it.each([
    [1, 3],
    [2, 3],
    [3, 3],
    [4, 4],
    [5, 5],
    [6, 4],
  ])('sample %i shows %i people, each found once, the largest first', (sample, people) => {
    const areas = facesOf(sample).map(({ box }) => box.width * box.height);
    expect(areas).toHaveLength(people);
    expect(areas).toEqual([...areas].sort((a, b) => b - a));
  });

  it('have the boxes and encodings that are kept as golden numbers', () => {
    expect(analyzer.model.id).toBe(golden.modelId);
    const all = samples.flatMap((sample) => facesOf(sample));
    expect(all).toHaveLength(golden.faces.length);
    golden.faces.forEach(({ box, encoding }, i) => {
      const face = all[i];
      expect(Math.abs((face?.box.x ?? 0) - box.x)).toBeLessThan(0.5);
      expect(Math.abs((face?.box.width ?? 0) - box.width)).toBeLessThan(0.5);
      const differences = encoding.map((value, k) => Math.abs(value - (face?.encoding.values[k] ?? Number.NaN)));
      expect(Math.max(...differences)).toBeLessThan(1e-4);
    });
  });

  it('are told apart within each picture and recognised across pictures', () => {
    const { identifyMaxDistance } = analyzer.model;
    for (const sample of samples) {
      const faces = facesOf(sample);
      for (const [i, face] of faces.entries()) {
        for (const other of faces.slice(i + 1)) {
          expect(distance(face.encoding, other.encoding)).toBeGreaterThan(identifyMaxDistance);
        }
      }
    }
    // The woman at the right of sample 1 sits in the middle of sample 3.
    const [inFirst, inThird] = [facesOf(1)[2], facesOf(3)[0]];
    expect(distance(inFirst?.encoding as Encoding, inThird?.encoding as Encoding)).toBeLessThan(identifyMaxDistance);
  });

  it('have landmarks inside the picture and in the right order', () => {
    for (const { landmarks, box } of samples.flatMap(facesOf)) {
      expect(landmarks).toHaveLength(136);
      const point = (i: number) => [landmarks?.[2 * i] ?? 0, landmarks?.[2 * i + 1] ?? 0] as const;
      // Chin below nose tip; in these pictures nobody is upside down.
      expect(point(8)[1]).toBeGreaterThan(point(30)[1]);
      expect(point(30)[0]).toBeGreaterThan(box.x - box.width / 2);
      expect(point(30)[0]).toBeLessThan(box.x + box.width * 1.5);
    }
  });

  it('are judged: a profile is turned away, a frontal face is good', () => {
    const profile = facesOf(2)[0];
    expect(profile?.quality.reasons).toContain('turned-away');
    expect(facesOf(6).every(({ quality }) => quality.score > 70)).toBe(true);
  });
});

describe('the analyzer', () => {
  const sixth = () => sharp(samplePath(6));

  it('finds the same people in a picture a fifth as large, when small faces are asked for', async () => {
    const image = await decodeImage(await sixth().resize(384).png().toBuffer());
    const faces = await analyzer.analyze(image, { minFacePx: 24 });
    expect(faces).toHaveLength(4);
    for (const face of facesOf(6)) {
      const nearest = Math.min(...faces.map((small) => distance(small.encoding, face.encoding)));
      expect(nearest).toBeLessThan(analyzer.model.identifyMaxDistance);
    }
    expect(await analyzer.analyze(image, { minFacePx: 200 })).toEqual([]);
  });

  it('finds small faces in a large picture', async () => {
    const group = await sixth().resize(700).png().toBuffer();
    const canvas = sharp({ create: { width: 4000, height: 3000, channels: 3, background: '#445566' } });
    const image = await decodeImage(
      await canvas
        .composite([{ input: group, left: 2900, top: 2100 }])
        .jpeg()
        .toBuffer(),
    );
    expect(await analyzer.analyze(image)).toHaveLength(4);
  });

  it('finds a face that fills the picture', async () => {
    const { box } = facesOf(6)[0] as FaceObservation;
    const region = {
      left: Math.round(box.x),
      top: Math.round(box.y),
      width: Math.round(box.width),
      height: Math.round(box.height),
    };
    const faces = await analyzer.analyze(await decodeImage(await sixth().extract(region).png().toBuffer()));
    expect(faces).toHaveLength(1);
  });

  it('recognises a mirrored and scaled crop', async () => {
    const crop = await sixth()
      .extract({ left: 1300, top: 150, width: 600, height: 600 })
      .flop()
      .resize(540)
      .png()
      .toBuffer();
    const [face] = await analyzer.analyze(await decodeImage(crop));
    const nearest = Math.min(...facesOf(6).map((other) => distance(other.encoding, face?.encoding as Encoding)));
    expect(nearest).toBeGreaterThan(0);
    expect(nearest).toBeLessThan(0.3);
  });

  it('finds a tilted head', async () => {
    const tilted = await sixth().extract({ left: 1300, top: 100, width: 600, height: 600 }).rotate(30).png().toBuffer();
    const faces = await analyzer.analyze(await decodeImage(tilted));
    const nearest = Math.min(
      ...faces.flatMap((face) => facesOf(6).map((other) => distance(other.encoding, face.encoding))),
    );
    expect(nearest).toBeLessThan(analyzer.model.identifyMaxDistance);
  });

  it.each(['black', 'white'])('finds nobody in a %s picture', async (background) => {
    const blank = sharp({ create: { width: 640, height: 480, channels: 3, background } });
    expect(await analyzer.analyze(await decodeImage(await blank.png().toBuffer()))).toEqual([]);
  });

  it('finds nobody in a picture of one pixel', async () => {
    expect(await analyzer.analyze({ width: 1, height: 1, data: Uint8Array.of(1, 2, 3) })).toEqual([]);
  });

  it('refuses a picture whose bytes do not fit its size', async () => {
    const wrong = analyzer.analyze({ width: 10, height: 10, data: new Uint8Array(299) });
    await expect(wrong).rejects.toMatchObject({ code: 'invalid-input' });
  });

  it('makes thumbnails of at most 12 KB in which the face is found again', async () => {
    const image = await decodeImage(await readFile(samplePath(6)));
    for (const { box, encoding } of facesOf(6)) {
      const jpeg = await cropJpeg(image, box);
      expect(jpeg.byteLength).toBeLessThanOrEqual(12 * 1024);
      const [face] = await analyzer.analyze(await decodeImage(jpeg));
      expect(distance(face?.encoding as Encoding, encoding)).toBeLessThan(analyzer.model.identifyMaxDistance);
    }
  });

  it('stops when it is told to', async () => {
    const image = await decodeImage(await readFile(samplePath(6)));
    const controller = new AbortController();
    const running = analyzer.analyze(image, { signal: controller.signal });
    controller.abort();
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
    expect(await analyzer.analyze(image)).toHaveLength(4);
  });

  it('works several pictures off at once without mixing them up', async () => {
    const images = await Promise.all(samples.map(async (sample) => decodeImage(await readFile(samplePath(sample)))));
    const results = await Promise.all(images.map((image) => analyzer.analyze(image, scan)));
    results.forEach((faces, i) => {
      expect(faces.map(({ encoding }) => encoding)).toEqual(facesOf(i + 1).map(({ encoding }) => encoding));
    });
  });

  it('encodes without the mirror under another model id', async () => {
    const plain = await createFaceAnalyzer({ cacheDir, mirrored: false });
    const [face] = await plain.analyze(await decodeImage(await readFile(samplePath(1))));
    expect(face?.encoding.modelId).toBe(plain.model.id);
    expect(plain.model.id).not.toBe(analyzer.model.id);
    expect(() => distance(face?.encoding as Encoding, facesOf(1)[0]?.encoding as Encoding)).toThrow(
      expect.objectContaining({ code: 'model-mismatch' }),
    );
    await plain.dispose();
  });

  it('compiles its networks once: the second start reads them', async () => {
    const lines: string[] = [];
    const second = await createFaceAnalyzer({ cacheDir, onProgress: (line) => lines.push(line) });
    expect(lines.filter((line) => line.startsWith('compiling'))).toEqual([]);
    await second.dispose();
  });

  it('refuses work after it was disposed of, and gives its memory back', async () => {
    const image = await decodeImage(await sixth().resize(640).png().toBuffer());
    const cycle = async (): Promise<void> => {
      const short = await createFaceAnalyzer({ cacheDir });
      await short.analyze(image);
      await short.dispose();
      await short.dispose();
      await expect(short.analyze(image)).rejects.toMatchObject({ code: 'engine-unavailable' });
    };
    for (let i = 0; i < 4; i++) await cycle();
    const before = process.memoryUsage().rss;
    for (let i = 0; i < 8; i++) await cycle();
    // One analyzer holds about 40 MB of weights: eight that leaked would be 300 MB.
    expect(process.memoryUsage().rss - before).toBeLessThan(150e6);
  });
});
