import { LatchkeyError, type RgbImage } from '@latchkey/domain';

/** Longest header that is read: three numbers and a comment of the program that wrote it. */
const maxHeaderBytes = 256;
/** Side of a picture at most: what the settings of a camera allow. */
const maxSidePx = 4096;
const newline = 0x0a;

/** Told of the pictures in a stream. */
export interface PpmListener {
  /** The first byte of a picture has come: the moment that is nearest to its capture. */
  onStart(): void;
  /** A picture is complete. Gives memory that may be used for a later one, null when there is none. */
  onImage(image: RgbImage): Uint8Array | null;
}

/**
 * Takes binary PPM pictures (`P6`, 8 bits: netpbm's ppm(5)) one after another out of a stream of bytes. Every picture says
 * its own size, so a camera may change it at any time. Holds the picture that is being read and no other.
 */
export class PpmReader {
  private readonly listener: PpmListener;
  private header: number[] = [];
  private image: RgbImage | null = null;
  private filled = 0;
  private spare: Uint8Array | null = null;

  constructor(listener: PpmListener) {
    this.listener = listener;
  }

  /** @throws LatchkeyError `camera-unavailable` when the bytes are no such pictures. */
  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) at = this.image ? this.fill(this.image, chunk, at) : this.readHeader(chunk, at);
  }

  private readHeader(chunk: Uint8Array, from: number): number {
    for (let at = from; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0;
      if (this.header.length === 0) this.listener.onStart();
      this.header.push(byte);
      if (byte === newline && this.begin()) return at + 1;
      if (this.header.length > maxHeaderBytes) throw garbage();
    }
    return chunk.length;
  }

  /** @returns whether the header is complete. */
  private begin(): boolean {
    const text = String.fromCharCode(...this.header).replace(/#[^\n]*\n/g, '');
    if (!text.startsWith('P6')) throw garbage();
    const [, width, height] = /^P6\s+(\d{1,5})\s+(\d{1,5})\s+255\s$/.exec(text) ?? [];
    if (width === undefined || height === undefined) return false;
    const size = { width: Number(width), height: Number(height) };
    if (Math.min(size.width, size.height) < 1 || Math.max(size.width, size.height) > maxSidePx) throw garbage();
    const bytes = size.width * size.height * 3;
    const data = this.spare?.length === bytes ? this.spare : new Uint8Array(bytes);
    this.spare = null;
    this.header = [];
    this.image = { ...size, data };
    this.filled = 0;
    return true;
  }

  private fill(image: RgbImage, chunk: Uint8Array, from: number): number {
    const bytes = Math.min(image.data.length - this.filled, chunk.length - from);
    image.data.set(chunk.subarray(from, from + bytes), this.filled);
    this.filled += bytes;
    if (this.filled === image.data.length) {
      this.image = null;
      this.spare = this.listener.onImage(image);
    }
    return from + bytes;
  }
}

function garbage(): LatchkeyError {
  return new LatchkeyError(
    'camera-unavailable',
    'The program that reads the camera gives something else than pictures.',
  );
}
