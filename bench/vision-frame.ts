import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFaceAnalyzer, decodeImage, Gallery } from '@latchkey/vision';
import { type Figure, figureOf, medianMs } from './figure.ts';

const figure = (id: string, value: number, goal: number): Figure =>
  figureOf({ id, value, unit: 'ms', goal, higherIsBetter: false });

/**
 * Time of a cold and a warm start, from a picture to encodings, and of a search among 100,000.
 * @param samplePath a photograph of several people, such as those that come with face-api.
 */
export async function measureVisionFrame(samplePath: string): Promise<readonly Figure[]> {
  const bytes = await readFile(samplePath);
  const cacheDir = join(tmpdir(), `latchkey-bench-${process.pid}-${Date.now()}`);
  const start = async (): Promise<number> => {
    const started = performance.now();
    await (await createFaceAnalyzer({ cacheDir })).dispose();
    return performance.now() - started;
  };
  const cold = await start();
  const warm = await start();
  const analyzer = await createFaceAnalyzer({ cacheDir });
  const frame = await decodeImage(bytes, { maxSidePx: 640 });
  const photo = await decodeImage(bytes);
  const figures = [
    figure('vision.start.cold', cold, 3000),
    figure('vision.start.warm', warm, 1000),
    figure('vision.decode.1920', await medianMs(() => decodeImage(bytes)), 100),
    figure('vision.frame.640.4-faces', await medianMs(() => analyzer.analyze(frame)), 150),
    figure('vision.photo.1920.4-faces', await medianMs(() => analyzer.analyze(photo)), 300),
  ];
  const gallery = new Gallery(analyzer.model.id);
  const noise = (): Float32Array => Float32Array.from({ length: 128 }, () => Math.random() * 0.2 - 0.1);
  for (let i = 0; i < 100_000; i++) gallery.add(`p${i}`, `e${i}`, noise());
  const probe = { modelId: analyzer.model.id, values: noise() };
  const policy = { maxDistance: 0.5, minMargin: 0.04 };
  figures.push(figure('vision.gallery.100000', await medianMs(() => gallery.match(probe, policy)), 50));
  await analyzer.dispose();
  await rm(cacheDir, { recursive: true, force: true });
  return figures;
}
