/** Formats that Latchkey decodes. */
export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff' | 'avif';

/** How the files of one format begin. */
interface Signature<Format> {
  readonly format: Format;
  readonly at: number;
  readonly bytes: readonly number[];
}

const ascii = (text: string): readonly number[] => [...Buffer.from(text, 'latin1')];

const signatures: readonly Signature<ImageFormat>[] = [
  { format: 'jpeg', at: 0, bytes: [0xff, 0xd8, 0xff] },
  { format: 'png', at: 0, bytes: [0x89, ...ascii('PNG\r\n\x1a\n')] },
  { format: 'gif', at: 0, bytes: ascii('GIF8') },
  { format: 'tiff', at: 0, bytes: ascii('II*\0') },
  { format: 'tiff', at: 0, bytes: ascii('MM\0*') },
];

/** Formats that people do send and Latchkey does not decode, by the names that people know. */
const others: readonly Signature<string>[] = [
  { format: 'JPEG XL', at: 0, bytes: [0xff, 0x0a] },
  { format: 'JPEG XL', at: 4, bytes: ascii('JXL \r\n\x87\n') },
  { format: 'JPEG 2000', at: 4, bytes: ascii('jP  \r\n\x87\n') },
  { format: 'BMP', at: 0, bytes: ascii('BM') },
  { format: 'PDF', at: 0, bytes: ascii('%PDF') },
];

/** Boxes of ISO base media files begin with their length and `ftyp`, then come the brands (ISO/IEC 14496-12 §4.3). */
const FTYP = ascii('ftyp');
const MAX_BRANDS = 32;

/**
 * The format that a file's first bytes announce, or null. Only what is listed here is handed to a decoder: text formats
 * such as SVG, which can refer to other files and expand without bound, are not.
 */
export function imageFormatOf(bytes: Uint8Array): ImageFormat | null {
  const found = signatures.find((signature) => fits(bytes, signature));
  if (found) return found.format;
  if (holds(bytes, 0, ascii('RIFF')) && holds(bytes, 8, ascii('WEBP'))) return 'webp';
  return brandsOf(bytes).some((brand) => brand === 'avif' || brand === 'avis') ? 'avif' : null;
}

/** What a file that is no picture for Latchkey seems to be, for people; null when that is not known. */
export function foreignFormatOf(bytes: Uint8Array): string | null {
  const found = others.find((signature) => fits(bytes, signature));
  if (found) return found.format;
  const brands = brandsOf(bytes);
  if (brands.some((brand) => /^(hei|hev|mif1|msf1)/.test(brand))) return 'HEIC';
  if (brands.length > 0) return 'a video';
  return /^\s*(<\?xml|<!--|<!DOCTYPE svg|<svg)/i.test(Buffer.from(bytes.subarray(0, 64)).toString('latin1'))
    ? 'SVG'
    : null;
}

function brandsOf(bytes: Uint8Array): readonly string[] {
  if (bytes.length < 16 || !holds(bytes, 4, FTYP)) return [];
  const end = Math.min(Buffer.from(bytes.subarray(0, 4)).readUInt32BE(), bytes.length, 16 + 4 * MAX_BRANDS);
  const brands: string[] = [];
  for (let at = 8; at + 4 <= Math.max(end, 12); at += 4) {
    // Between the first brand and the others stands a version.
    if (at !== 12) brands.push(Buffer.from(bytes.subarray(at, at + 4)).toString('latin1'));
  }
  return brands;
}

function fits(bytes: Uint8Array, { at, bytes: signature }: Signature<string>): boolean {
  return holds(bytes, at, signature);
}

function holds(bytes: Uint8Array, at: number, expected: readonly number[]): boolean {
  return expected.every((byte, i) => bytes[at + i] === byte);
}
