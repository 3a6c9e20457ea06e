import type { Box, RgbImage } from '@latchkey/domain';
import { loadSharp } from '../image/sharp.ts';
import { fillRectangle, type Rgb, strokeRectangle, tint } from './draw.ts';
import { placeLabel } from './place-label.ts';
import { type LabelFont, renderLabel } from './render-label.ts';

/** What a box says about its face: known, unknown, or not who was claimed. */
export type FaceTone = 'known' | 'unknown' | 'refused';

/** A face that is drawn. */
export interface AnnotatedFace {
  /** In picture pixels; may reach over the picture's edges. */
  readonly box: Box;
  readonly label: string;
  readonly tone: FaceTone;
}

/** Pictures are enlarged to this longer side, so that names can be read. */
const LEAST_SIDE_PX = 720;

/** Height of the letters as a share of the longer side: as large on a screen for every size of picture. */
const TEXT_SHARE = 1 / 45;

const colours: Readonly<Record<FaceTone, Rgb>> = {
  known: [22, 128, 60],
  unknown: [71, 85, 105],
  refused: [190, 30, 45],
};
const white: Rgb = [255, 255, 255];

/**
 * A copy of a picture with a box around each face and its label beside it, no label over another where there is room. A small
 * picture is enlarged.
 * @throws LatchkeyError `missing-file` when the font is not there.
 */
export async function annotateImage(
  image: RgbImage,
  faces: readonly AnnotatedFace[],
  font: LabelFont,
): Promise<RgbImage> {
  const { canvas, scale } = await enlarged(image);
  const longer = Math.max(canvas.width, canvas.height);
  const line = Math.max(2, Math.round(longer / 320));
  const boxes = faces.map(({ box }) => scaled(box, scale));
  for (const [i, { tone }] of faces.entries()) {
    const box = boxes[i];
    if (!box) continue;
    // White around the colour: seen on every ground.
    const halo = Math.max(1, line >> 1);
    strokeRectangle(canvas, grown(box, halo), line + 2 * halo, white);
    strokeRectangle(canvas, box, line, colours[tone]);
  }
  const taken: Box[] = [];
  for (const [i, { label, tone }] of faces.entries()) {
    const box = boxes[i];
    if (!box) continue;
    const letters = Math.round(longer * TEXT_SHARE);
    const text = await renderLabel(label, font, letters, canvas.width);
    // As high for "anna" as for "Åge": a mask ends with its ink.
    const padding = Math.round(letters * 0.3);
    const size = { width: text.width + 2 * padding, height: Math.max(text.height, letters) + 2 * padding };
    const place = placeLabel(size, grown(box, line), canvas, taken, boxes);
    taken.push(place);
    fillRectangle(canvas, place, colours[tone]);
    tint(canvas, text, place.x + padding, place.y + ((place.height - text.height) >> 1), white);
  }
  return canvas;
}

async function enlarged({ width, height, data }: RgbImage): Promise<{ canvas: RgbImage; scale: number }> {
  const scale = LEAST_SIDE_PX / Math.max(width, height);
  if (scale <= 1) return { canvas: { width, height, data: Uint8Array.from(data) }, scale: 1 };
  const size = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
  const sharp = await loadSharp();
  const larger = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize({ ...size, fit: 'fill', kernel: 'cubic' })
    .raw()
    .toBuffer();
  return { canvas: { ...size, data: new Uint8Array(larger) }, scale };
}

function scaled({ x, y, width, height }: Box, factor: number): Box {
  const left = Math.round(x * factor);
  const top = Math.round(y * factor);
  return {
    x: left,
    y: top,
    width: Math.max(1, Math.round((x + width) * factor) - left),
    height: Math.max(1, Math.round((y + height) * factor) - top),
  };
}

function grown({ x, y, width, height }: Box, by: number): Box {
  return { x: x - by, y: y - by, width: width + 2 * by, height: height + 2 * by };
}
