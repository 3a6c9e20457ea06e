import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { demoPictures } from './demo-pictures.ts';

/** Size of the frames that are measured: what a door's camera gives. */
export const FRAME = { width: 640, height: 480 } as const;

/** Pictures of LFW's development view, beside the repository. */
const lfwImages = fileURLToPath(new URL('../../../shared/faces/lfw-dev/images/', import.meta.url));

/** A frame of three people as an RGB PNG, from the photographs that come with face-api. */
export function threePeople(): Promise<Buffer> {
  const [path = ''] = demoPictures();
  const { width, height } = FRAME;
  return sharp(path).resize({ width, height, fit: 'contain', background: '#777' }).removeAlpha().png().toBuffer();
}

/** A frame of three portraits side by side out of LFW's development view; null where that is not beside the repository. */
export async function threePortraits(): Promise<Buffer | null> {
  if (!existsSync(lfwImages)) return null;
  const files = readdirSync(lfwImages, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(jpe?g|png)$/.test(name))
    .sort()
    .slice(0, 3);
  if (files.length < 3) return null;
  const side = 213;
  // Of 250 × 250 pixels: the face that the picture is of, and nobody beside it.
  const centre = { left: 40, top: 40, width: 170, height: 170 };
  const portraits = files.map(async (name, i) => ({
    input: await sharp(join(lfwImages, name)).extract(centre).resize(side, side).toBuffer(),
    left: i * side,
    top: 133,
  }));
  return sharp({ create: { ...FRAME, channels: 3, background: '#777' } })
    .composite(await Promise.all(portraits))
    .removeAlpha()
    .png()
    .toBuffer();
}

/** A frame of nobody. */
export function nobody(): Promise<Buffer> {
  const noise = { type: 'gaussian', mean: 110, sigma: 25 } as const;
  return sharp({ create: { ...FRAME, channels: 3, background: '#777', noise } })
    .png()
    .toBuffer();
}
