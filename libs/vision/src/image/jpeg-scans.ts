/** How a JPEG is stored. */
export interface JpegScans {
  /** Passes over the picture: 1 in a plain one, about 10 in a progressive one. Counted up to the limit that was asked for. */
  readonly scans: number;
  /** Values of all colours per pixel: 3 without, 1.5 with the usual halving of colour. 0 without a frame header. */
  readonly samplesPerPixel: number;
}

const SOS = 0xda;
const EOI = 0xd9;

/**
 * Walks over a JPEG's markers (ITU-T T.81 Annex B) without decoding anything. What does not fit is skipped, as libjpeg does.
 * @param limit counting ends one above it.
 */
export function jpegScansOf(bytes: Uint8Array, limit: number): JpegScans {
  const jpeg = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let scans = 0;
  let samplesPerPixel = 0;
  for (let at = jpeg.indexOf(0xff, 2); at >= 0 && at + 1 < jpeg.length; at = jpeg.indexOf(0xff, at)) {
    const marker = jpeg[at + 1] as number;
    if (marker === EOI) break;
    // Stuffed bytes, fill bytes, restarts and markers without a length.
    if (marker <= 1 || marker === 0xff || (marker >= 0xd0 && marker <= 0xd8)) {
      at += marker === 0xff ? 1 : 2;
      continue;
    }
    if (at + 4 > jpeg.length) break;
    if (marker === SOS && ++scans > limit) break;
    if (isFrame(marker)) samplesPerPixel = samplesOf(jpeg.subarray(at + 4));
    at += 2 + jpeg.readUInt16BE(at + 2);
  }
  return { scans, samplesPerPixel };
}

/** SOF0 … SOF15 without DHT, JPG and DAC. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/** @param header after its length: precision, height, width, number of components, then three bytes for each. */
function samplesOf(header: Buffer): number {
  const sizes: number[] = [];
  let largest = 1;
  for (let component = 0; component < (header[5] ?? 0); component++) {
    const sampling = header[7 + 3 * component] ?? 0x11;
    sizes.push((sampling >> 4) * (sampling & 15));
    largest = Math.max(largest, (sampling >> 4) * (sampling & 15));
  }
  return sizes.reduce((sum, size) => sum + size, 0) / largest;
}
