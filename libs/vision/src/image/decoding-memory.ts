import type { Metadata } from 'sharp';
import type { ImageFormat } from './image-format.ts';
import type { JpegScans } from './jpeg-scans.ts';

/** Bytes of one value of a channel by libvips' name of its type. */
const DEPTH: Readonly<Partial<Record<string, number>>> = {
  ushort: 2,
  short: 2,
  int: 4,
  uint: 4,
  float: 4,
  complex: 8,
  double: 8,
  dpcomplex: 16,
};

/**
 * Bytes that decoding a picture takes at once: what its decoder holds of the whole picture, what turning it takes, and the
 * result. Measured with pictures of 12 and 50 megapixels; what does not grow with the picture (20 MB) is not counted.
 * @param longerSide of the result at most.
 */
export function decodingMemory(
  format: ImageFormat,
  header: Metadata,
  jpeg: JpegScans | null,
  longerSide: number,
): number {
  const pixels = header.width * header.height;
  const scale = Math.min(1, longerSide / Math.max(header.width, header.height));
  const bytesPerPixel = header.channels * (DEPTH[header.depth] ?? 1);
  const held = heldPerPixel(format, header, bytesPerPixel, jpeg);
  // libvips turns pictures in memory. JPEGs are scaled down by two, four or eight while they are decoded, before that.
  const turned = (header.orientation ?? 1) > 1 ? bytesPerPixel : 0;
  const whenTurned = format === 'jpeg' ? 4 ** -Math.min(3, Math.floor(Math.log2(1 / scale))) : 1;
  return pixels * (held + turned * whenTurned + 3 * scale * scale);
}

function heldPerPixel(format: ImageFormat, header: Metadata, bytesPerPixel: number, jpeg: JpegScans | null): number {
  switch (format) {
    case 'jpeg':
      // In one pass rows come one by one; in several all coefficients are kept, of two bytes each.
      return jpeg && jpeg.scans > 1 ? 2.1 * jpeg.samplesPerPixel : 0;
    case 'png':
      return header.isProgressive ? bytesPerPixel : 0;
    case 'tiff':
      // A strip or tile may hold the whole picture.
      return Math.min(bytesPerPixel, 3);
    case 'gif':
    case 'webp':
      return 5;
    case 'avif':
      return bytesPerPixel > 4 ? 26 : 19.5;
  }
}
