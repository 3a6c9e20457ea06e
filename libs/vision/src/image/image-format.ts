/** Formats that Latchkey decodes. */
export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff' | 'avif';

const signatures: readonly { readonly format: ImageFormat; readonly at: number; readonly bytes: readonly number[] }[] =
  [
    { format: 'jpeg', at: 0, bytes: [0xff, 0xd8, 0xff] },
    { format: 'png', at: 0, bytes: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] },
    { format: 'gif', at: 0, bytes: [...Buffer.from('GIF8')] },
    { format: 'webp', at: 8, bytes: [...Buffer.from('WEBP')] },
    { format: 'tiff', at: 0, bytes: [0x49, 0x49, 0x2a, 0x00] },
    { format: 'tiff', at: 0, bytes: [0x4d, 0x4d, 0x00, 0x2a] },
    { format: 'avif', at: 4, bytes: [...Buffer.from('ftypavif')] },
    { format: 'avif', at: 4, bytes: [...Buffer.from('ftypavis')] },
  ];

/**
 * The format that a file's first bytes announce, or null. Only what is listed here is handed to a decoder: text formats
 * such as SVG, which can refer to other files and expand without bound, are not.
 */
export function imageFormatOf(bytes: Uint8Array): ImageFormat | null {
  const found = signatures.find(({ at, bytes: signature }) => signature.every((byte, i) => bytes[at + i] === byte));
  if (found?.format === 'webp' && !Buffer.from('RIFF').every((byte, i) => bytes[i] === byte)) return null;
  return found?.format ?? null;
}
