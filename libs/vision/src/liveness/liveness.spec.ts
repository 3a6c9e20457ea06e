import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { temporaryFolder } from '@latchkey/testing';
import { createFaceAnalyzer } from '../analyze/create-face-analyzer.ts';
import type { FaceAnalyzer } from '../analyze/face-analyzer.ts';
import { decodeImage } from '../image/decode-image.ts';
import { packageFolder } from '../models/model-files.ts';
import { LIVENESS_THRESHOLD } from './liveness.ts';

const photograph = (sample: number): Promise<Buffer> =>
  readFile(join(packageFolder('@vladmandic/face-api'), `demo/sample${sample}.jpg`));

describe('passive liveness', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let analyzer: FaceAnalyzer;
  beforeAll(async () => {
    folder = await temporaryFolder();
    analyzer = await createFaceAnalyzer({ cacheDir: folder.path, mirrored: false, liveness: true });
  });
  afterAll(async () => {
    await analyzer.dispose();
    await folder.remove();
  });

  it('takes most people in photographs for alive, as a photograph of a living person is', async () => {
    const faces = [];
    for (const sample of [1, 4, 5, 6]) {
      faces.push(...(await analyzer.analyze(await decodeImage(await photograph(sample)))));
    }
    const live = faces.filter(({ liveness }) => (liveness?.score ?? 0) >= LIVENESS_THRESHOLD);
    expect(faces.length).toBeGreaterThan(12);
    expect(live.length / faces.length).toBeGreaterThan(0.8);
    for (const { liveness } of faces) {
      for (const value of [liveness?.score, liveness?.parts.antispoof, liveness?.parts.liveness]) {
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
      }
    }
  });

  it('is measured only where it is asked for', async () => {
    const image = await decodeImage(await photograph(6));
    const unasked = await analyzer.analyze(image, { liveness: false });
    expect(unasked.map(({ liveness }) => liveness)).toEqual([null, null, null, null]);
  });
});
