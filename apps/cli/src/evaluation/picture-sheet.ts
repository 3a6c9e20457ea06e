import { relative } from 'node:path';
import { isLatchkeyError } from '@latchkey/domain';
import { cropJpeg, decodeImage } from '@latchkey/vision';
import { readImageFile } from '../recognition/image-file.ts';
import { escapeHtml } from './charts.ts';
import type { JudgedPair, ModelResult } from './pairs-of-pictures.ts';

/** Of each kind of error. */
const SHOWN = 8;
const THUMBNAIL = { maxSidePx: 112, maxBytes: 6 * 1024 };

/**
 * The pairs that a model judges worst (one person farthest apart, two people nearest) and the pictures on which it misses
 * the face, as HTML with the pictures in it.
 */
export async function pictureSheet(result: ModelResult, images: string): Promise<string> {
  const found = result.pairs.flatMap((pair) => (pair.distance === null ? [] : [{ ...pair, distance: pair.distance }]));
  const farthest = found.filter(({ same }) => same).sort((a, b) => b.distance - a.distance);
  const nearest = found.filter(({ same }) => !same).sort((a, b) => a.distance - b.distance);
  const missed = await Promise.all(
    result.missed.slice(0, 2 * SHOWN).map((path) => figure([path], result, images, caption(path, images))),
  );
  const [one, two] = [await sheet(farthest, result, images), await sheet(nearest, result, images)];
  return [
    `<h3>One person, farthest apart</h3><div class="sheet">${one}</div>`,
    `<h3>Two people, nearest to each other</h3><div class="sheet">${two}</div>`,
    missed.length > 0
      ? `<h3>No face found: ${result.missed.length}</h3><div class="sheet">${missed.join('')}</div>`
      : '',
  ].join('\n');
}

async function sheet(pairs: readonly JudgedPair[], result: ModelResult, images: string): Promise<string> {
  const figures: string[] = [];
  for (const { imageA, imageB, distance, line } of pairs.slice(0, SHOWN)) {
    const words = `<b>${distance?.toFixed(3)}</b> line ${line}<br>${caption(imageA, images)}<br>${caption(imageB, images)}`;
    figures.push(await figure([imageA, imageB], result, images, words));
  }
  return figures.join('');
}

function caption(path: string, images: string): string {
  return escapeHtml(relative(images, path));
}

async function figure(paths: readonly string[], result: ModelResult, images: string, words: string): Promise<string> {
  const pictures = await Promise.all(paths.map((path) => thumbnail(path, result, images)));
  return `<figure>${pictures.join('')}<figcaption>${words}</figcaption></figure>`;
}

async function thumbnail(path: string, { pictures }: ModelResult, images: string): Promise<string> {
  try {
    const image = await decodeImage(await readImageFile(path));
    const whole = { x: 0, y: 0, width: image.width, height: image.height };
    const box = pictures.get(path)?.face?.box;
    const jpeg = await cropJpeg(image, box ?? whole, { ...THUMBNAIL, margin: box ? 0.25 : 0 });
    const data = Buffer.from(jpeg).toString('base64');
    return `<img alt="${caption(path, images)}" src="data:image/jpeg;base64,${data}">`;
  } catch (error) {
    if (!isLatchkeyError(error)) throw error;
    return `<span class="unreadable">${error.code}</span>`;
  }
}
