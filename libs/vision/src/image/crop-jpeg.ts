import type { Box, RgbImage } from '@latchkey/domain';
import { loadSharp } from './sharp.ts';

/** Limits of a thumbnail. */
export interface CropOptions {
  /** Largest file; 12 KB is what an event may carry (DESIGN.md §4). */
  readonly maxBytes?: number;
  /** Longer side of the thumbnail. */
  readonly maxSidePx?: number;
  /** Margin on each side as a share of the box. */
  readonly margin?: number;
}

const QUALITIES = [82, 70, 58, 45, 32] as const;

/**
 * A JPEG of the face in `box` with some of its surroundings, no larger than the limits: quality is lowered first, then
 * the size. Parts of the box outside the picture are left out.
 */
export async function cropJpeg(image: RgbImage, box: Box, options: CropOptions = {}): Promise<Uint8Array> {
  const { maxBytes = 12 * 1024, maxSidePx = 192, margin = 0.35 } = options;
  const left = clamp(Math.floor(box.x - box.width * margin), 0, image.width - 1);
  const top = clamp(Math.floor(box.y - box.height * margin), 0, image.height - 1);
  const right = clamp(Math.ceil(box.x + box.width * (1 + margin)), left + 1, image.width);
  const bottom = clamp(Math.ceil(box.y + box.height * (1 + margin)), top + 1, image.height);
  const raw = { width: image.width, height: image.height, channels: 3 as const };
  const sharp = await loadSharp();
  const region = { left, top, width: right - left, height: bottom - top };
  for (let side = maxSidePx; ; side = Math.floor(side * 0.7)) {
    const { data, info } = await sharp(image.data, { raw })
      .extract(region)
      .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
      .raw()
      .toBuffer({ resolveWithObject: true });
    for (const quality of QUALITIES) {
      const jpeg = await sharp(data, { raw: { width: info.width, height: info.height, channels: 3 } })
        .jpeg({ quality, chromaSubsampling: '4:2:0', optimiseCoding: true })
        .toBuffer();
      if (jpeg.byteLength <= maxBytes || side < 24) return new Uint8Array(jpeg);
    }
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
