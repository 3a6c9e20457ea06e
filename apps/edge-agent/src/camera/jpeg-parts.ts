import { LatchkeyError } from '@latchkey/domain';

/** Largest picture of a stream; full-HD JPEGs have less than one megabyte. */
const maxPartBytes = 8 * 1024 * 1024;
const soi = Buffer.from([0xff, 0xd8, 0xff]);
const eoi = Buffer.from([0xff, 0xd9]);
const blankLine = Buffer.from('\r\n\r\n');
/** Head of a part at most. */
const maxHeadBytes = 4096;

/**
 * Takes JPEG pictures out of a `multipart/x-mixed-replace` stream. By their stated length where the camera gives one, else
 * by the marks at a picture's begin and end: some cameras write boundaries that are not the announced ones.
 */
export class JpegParts {
  private readonly onPicture: (jpeg: Uint8Array) => void;
  private held: Buffer = Buffer.alloc(0);
  /** How far `held` was searched for the end of a picture. */
  private searched = 0;

  constructor(onPicture: (jpeg: Uint8Array) => void) {
    this.onPicture = onPicture;
  }

  /** @throws LatchkeyError `camera-unavailable` when what comes is no stream of JPEG pictures. */
  push(chunk: Uint8Array): void {
    this.held = Buffer.concat([this.held, chunk]);
    while (this.takeOne()) {}
    if (this.held.length > maxPartBytes) throw notPictures();
  }

  private takeOne(): boolean {
    const start = this.held.indexOf(soi);
    if (start < 0) {
      // Text between pictures is short.
      if (this.held.length > maxHeadBytes) throw notPictures();
      return false;
    }
    const end = this.endOf(start);
    if (end === null) return false;
    this.onPicture(Uint8Array.from(this.held.subarray(start, end)));
    this.held = this.held.subarray(end);
    this.searched = 0;
    return true;
  }

  private endOf(start: number): number | null {
    const head = this.held.subarray(0, start);
    const [, length] = /content-length:\s*(\d{1,8})/i.exec(head.toString('latin1')) ?? [];
    const body = head.lastIndexOf(blankLine);
    if (length !== undefined && body >= 0 && Number(length) <= maxPartBytes) {
      const end = body + blankLine.length + Number(length);
      return end <= this.held.length ? end : null;
    }
    const mark = this.held.indexOf(eoi, Math.max(start, this.searched));
    this.searched = Math.max(start, this.held.length - 1);
    return mark < 0 ? null : mark + eoi.length;
  }
}

function notPictures(): LatchkeyError {
  return new LatchkeyError(
    'camera-unavailable',
    'The address gives no JPEG pictures; check that it is that of a picture or of an MJPEG stream.',
  );
}
