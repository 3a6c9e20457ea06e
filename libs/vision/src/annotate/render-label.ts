import { existsSync } from 'node:fs';
import { LatchkeyError } from '@latchkey/domain';
import { loadSharp } from '../image/sharp.ts';
import type { Mask } from './draw.ts';

/** A font file, so that no font of the system is needed: a server often has none. */
export interface LabelFont {
  /** Path of a TrueType or OpenType file. */
  readonly file: string;
  /** Family and style as the file names them, e.g. `DejaVu Sans Bold`. */
  readonly family: string;
}

/** Characters of a name that are shown at most. */
const MOST_CHARACTERS = 60;

/**
 * One line of text as a mask. Characters that the font lacks come from the system's fonts, if it has any.
 * @param heightPx of the line, about; less when the text would otherwise be wider than `maxWidthPx`.
 * @throws LatchkeyError `missing-file` when the font is not there.
 */
export async function renderLabel(text: string, font: LabelFont, heightPx: number, maxWidthPx: number): Promise<Mask> {
  if (!existsSync(font.file)) {
    throw new LatchkeyError('missing-file', `The font ${font.file} is not there; install Latchkey again.`);
  }
  const shown = oneLine(text);
  const mask = await draw(shown, font, heightPx);
  if (mask.width <= maxWidthPx * 0.9) return mask;
  return draw(shown, font, Math.max(6, Math.floor((heightPx * maxWidthPx * 0.9) / mask.width)));
}

async function draw(text: string, font: LabelFont, heightPx: number): Promise<Mask> {
  // At 72 dpi a point is a pixel.
  const sharp = await loadSharp();
  const { data, info } = await sharp({
    text: { text: escapeMarkup(text), fontfile: font.file, font: `${font.family} ${heightPx}`, dpi: 72, rgba: true },
  })
    .extractChannel('alpha')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
}

/** Without line ends and control characters; empty text cannot be drawn. */
function oneLine(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  const characters = [...line];
  if (characters.length === 0) return '?';
  return characters.length > MOST_CHARACTERS ? `${characters.slice(0, MOST_CHARACTERS - 1).join('')}…` : line;
}

/** Pango reads markup. */
function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
