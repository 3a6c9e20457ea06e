import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Box } from '@latchkey/domain';
import { createFaceDetector, type DetectorChoice, decodeImage, type FaceDetector } from '@latchkey/vision';
import { type Figure, figureOf } from './figure.ts';

const shared = fileURLToPath(new URL('../../../shared', import.meta.url));
const yunet = join(shared, 'models/yunet.onnx');
const longerSide = 1280;

/** Overlap of two detectors' boxes, as a share of the smaller, from which they mean one face: they draw boxes differently. */
const sameFace = 0.5;

interface Seen {
  readonly boxes: readonly Box[];
  readonly ms: number;
}

/**
 * All detectors on the same pictures. **Missed**: a picture of lfw-dev in which no box holds the middle, where the face of the
 * person it is named after is; of the pictures of people, one without any box. **False**: a box that overlaps none of the other
 * detectors' (with fewer than three detectors at hand there is no such figure).
 * @param flags `--every N`: only each Nth picture.
 */
export async function measureDetectors(flags: readonly string[]): Promise<readonly Figure[]> {
  if (!existsSync(join(shared, 'faces'))) {
    console.error('skipped: the pictures are not beside the repository (../shared/faces)');
    return [];
  }
  const every = Number(flags[flags.indexOf('--every') + 1]) || 1;
  const cacheDir = await mkdtemp(join(tmpdir(), 'latchkey-bench-'));
  const detectors: FaceDetector[] = [];
  try {
    for (const detector of choices()) detectors.push(await createFaceDetector({ cacheDir, detector }));
    const figures: Figure[] = [];
    for (const set of ['lfw-dev/images', 'people'] as const) {
      const files = picturesOf(join(shared, 'faces', set)).filter((_, i) => i % every === 0);
      figures.push(...(await measureSet(set.split('/')[0] ?? set, files, detectors)));
    }
    return figures;
  } finally {
    for (const detector of detectors) await detector.dispose();
    await rm(cacheDir, { recursive: true, force: true });
  }
}

function choices(): readonly DetectorChoice[] {
  const packaged = ['blazeface', 'ssd-mobilenet', 'tiny-face'] as const;
  if (existsSync(yunet)) return [...packaged, { model: 'yunet', path: yunet }];
  console.error('skipped: YuNet is not beside the repository (../shared/models/yunet.onnx)');
  return packaged;
}

function picturesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(jpe?g|png|webp)$/i.test(name))
    .sort()
    .map((name) => join(folder, name));
}

async function measureSet(
  set: string,
  files: readonly string[],
  detectors: readonly FaceDetector[],
): Promise<readonly Figure[]> {
  const times = detectors.map((): number[] => []);
  const missed = detectors.map(() => 0);
  const lonely = detectors.map(() => 0);
  for (const file of files) {
    const image = await decodeImage(await readFile(file), { maxSidePx: longerSide });
    const middle = { x: image.width / 2, y: image.height / 2 };
    const seen: Seen[] = [];
    for (const detector of detectors) {
      const started = performance.now();
      const boxes = await detector.detect(image);
      seen.push({ boxes, ms: performance.now() - started });
    }
    for (const [i, { boxes, ms }] of seen.entries()) {
      times[i]?.push(ms);
      const found = set === 'people' ? boxes.length > 0 : boxes.some((box) => holds(box, middle));
      if (!found) missed[i] = (missed[i] ?? 0) + 1;
      const others = seen.filter((_, k) => k !== i).flatMap((other) => other.boxes);
      const alone = boxes.filter((box) => !others.some((other) => overlap(box, other) >= sameFace));
      lonely[i] = (lonely[i] ?? 0) + alone.length;
    }
  }
  return detectors.flatMap(({ id }, i) => {
    const name = `detectors.${set}.${id.split('@')[0]}`;
    const sorted = (times[i] ?? []).sort((a, b) => a - b);
    const median = sorted[sorted.length >> 1] ?? Number.NaN;
    const none = { goal: Number.POSITIVE_INFINITY, higherIsBetter: false };
    return [
      figureOf({ id: `${name}.missed`, value: missed[i] ?? 0, unit: `of ${files.length} pictures`, ...none }),
      ...(detectors.length > 2
        ? [figureOf({ id: `${name}.false`, value: lonely[i] ?? 0, unit: 'boxes of no other detector', ...none })]
        : []),
      figureOf({ id: `${name}.picture`, value: median, unit: 'ms', ...none }),
    ];
  });
}

function holds({ x, y, width, height }: Box, point: { readonly x: number; readonly y: number }): boolean {
  return point.x >= x && point.x <= x + width && point.y >= y && point.y <= y + height;
}

/** Common part of two boxes as a share of the smaller. */
function overlap(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return width > 0 && height > 0 ? (width * height) / Math.min(a.width * a.height, b.width * b.height) : 0;
}
