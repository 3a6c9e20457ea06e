import { deflateSync, crc32 as zlibCrc32 } from 'node:zlib';

/** What a PNG's header says, and what it holds. */
export interface PngParts {
  readonly depth?: 1 | 8 | 16;
  /** 0 grey, 2 colour, 6 colour with alpha. */
  readonly colour?: 0 | 2 | 6;
  readonly interlaced?: boolean;
  /** Chunks between the header and the pixels. */
  readonly extra?: readonly Buffer[];
  /** Compressed rows; black ones when absent. */
  readonly deflated?: Buffer;
}

const channelsOf = { 0: 1, 2: 3, 6: 4 } as const;

/** Passes of Adam7: first column, first row, steps. */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** A black PNG that is valid, whatever its size. */
export function png(width: number, height: number, parts: PngParts = {}): Buffer {
  const { depth = 8, colour = 2, interlaced = false, extra = [], deflated } = parts;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, colour, 0, 0, interlaced ? 1 : 0], 8);
  const rowBytes = (columns: number): number => Math.ceil((columns * channelsOf[colour] * depth) / 8) + 1;
  const size = interlaced
    ? ADAM7.reduce(
        (sum, [x, y, dx, dy]) => sum + Math.ceil((height - y) / dy) * rowBytes(Math.ceil((width - x) / dx)),
        0,
      )
    : height * rowBytes(width);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    pngChunk('IHDR', header),
    ...extra,
    pngChunk('IDAT', deflated ?? deflateSync(Buffer.alloc(size))),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/** One chunk with its checksum. */
export function pngChunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(data.length, 0);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  return chunk;
}

/** `node:zlib` has it from Node 20.15 on. */
function crc32(bytes: Uint8Array): number {
  if (typeof zlibCrc32 === 'function') return zlibCrc32(bytes);
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

/** A segment of a JPEG: marker, length, data. */
export function jpegSegment(marker: number, data: Uint8Array): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(data.length + 2, 2);
  return Buffer.concat([head, data]);
}

/** The JPEG with segments more behind its first marker. */
export function withSegments(jpeg: Uint8Array, segments: readonly Buffer[]): Buffer {
  return Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)]);
}

/** A grey progressive JPEG of as many passes; each but the first says with a few bits that nothing changes. */
export function progressiveJpeg(width: number, height: number, scans: number): Buffer {
  const blocks = Math.ceil(width / 8) * Math.ceil(height / 8);
  const size = [height >> 8, height & 255, width >> 8, width & 255];
  // One code of one bit each: no difference of brightness; a run of 2^14 … 2^15 − 1 blocks without detail.
  const code = (table: number, symbol: number) => [table, 1, ...new Array<number>(15).fill(0), symbol];
  let runs = '';
  for (let left = blocks; left > 0; left -= 32_767) {
    runs += `0${Math.max(0, Math.min(left, 32_767) - 16_384)
      .toString(2)
      .padStart(14, '0')}`;
  }
  const refinement = Buffer.concat([jpegSegment(0xda, Buffer.from([1, 1, 0, 1, 63, 0])), packBits(runs)]);
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    jpegSegment(0xdb, Buffer.from([0, ...new Array<number>(64).fill(1)])),
    jpegSegment(0xc2, Buffer.from([8, ...size, 1, 1, 0x11, 0])),
    jpegSegment(0xc4, Buffer.from(code(0x00, 0))),
    jpegSegment(0xc4, Buffer.from(code(0x10, 0xe0))),
    jpegSegment(0xda, Buffer.from([1, 1, 0, 0, 0, 0])),
    packBits('0'.repeat(blocks)),
    ...new Array<Buffer>(scans - 1).fill(refinement),
    Buffer.from([0xff, 0xd9]),
  ]);
}

/** Bits as JPEG packs them: filled up with ones, a zero byte behind each 0xff. */
function packBits(bits: string): Buffer {
  const bytes: number[] = [];
  for (let at = 0; at < bits.length; at += 8) {
    const byte = Number.parseInt(bits.slice(at, at + 8).padEnd(8, '1'), 2);
    bytes.push(byte);
    if (byte === 0xff) bytes.push(0);
  }
  return Buffer.from(bytes);
}

/** A GIF of black and white with frames of one pixel. */
export function gif(width: number, height: number, frames: readonly Buffer[]): Buffer {
  const head = Buffer.from('GIF89a\0\0\0\0\x80\0\0\0\0\0\xff\xff\xff', 'latin1');
  head.writeUInt16LE(width, 6);
  head.writeUInt16LE(height, 8);
  return Buffer.concat([head, ...frames, Buffer.from([0x3b])]);
}

/** One frame of a GIF; its data are of one pixel, whatever size it claims. */
export function gifFrame(width = 1, height = 1): Buffer {
  const frame = Buffer.from([0x21, 0xf9, 4, 0, 1, 0, 0, 0, 0x2c, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 0x44, 1, 0]);
  frame.writeUInt16LE(width, 13);
  frame.writeUInt16LE(height, 15);
  return frame;
}

/** A comment of a GIF. */
export function gifComment(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x21, 0xfe, text.length]), Buffer.from(text, 'latin1'), Buffer.from([0])]);
}

/**
 * An animated WebP that shows one still again and again in the corner of a canvas.
 * @param still a WebP without alpha.
 */
export function animatedWebp(
  still: Uint8Array,
  side: number,
  canvas: readonly [number, number],
  frames: number,
): Buffer {
  const u24 = (value: number) => [value & 255, (value >> 8) & 255, value >> 16];
  const place = Buffer.from([...u24(0), ...u24(0), ...u24(side - 1), ...u24(side - 1), ...u24(10), 0]);
  const frame = riffChunk('ANMF', Buffer.concat([place, still.subarray(12)]));
  const size = Buffer.from([2, 0, 0, 0, ...u24(canvas[0] - 1), ...u24(canvas[1] - 1)]);
  const body = [riffChunk('VP8X', size), riffChunk('ANIM', Buffer.from([255, 255, 255, 255, 0, 0]))];
  return riffChunk('RIFF', Buffer.concat([Buffer.from('WEBP'), ...body, ...new Array<Buffer>(frames).fill(frame)]));
}

function riffChunk(name: string, data: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.write(name, 'latin1');
  head.writeUInt32LE(data.length, 4);
  return Buffer.concat([head, data, Buffer.alloc(data.length & 1)]);
}

/** A field of a TIFF: tag, type (3: 16 bits, 4: 32 bits), values; `data` is where the pixels are. */
export type TiffField = readonly [tag: number, type: 3 | 4, ...values: (number | 'data')[]];

/** Fields of a picture with 8 bits a channel, compressed by deflate. */
export function tiffPicture(width: number, height: number, channels: 1 | 3 | 100): readonly TiffField[] {
  return [
    [256, 4, width],
    [257, 4, height],
    [258, 3, ...new Array<number>(channels).fill(8)],
    [259, 3, 8],
    [262, 3, channels === 3 ? 2 : 1],
    [277, 3, channels],
    [284, 3, 1],
  ];
}

/** A little-endian TIFF of one page. @param next where the next page is said to be. */
export function tiff(fields: readonly TiffField[], data: Uint8Array, next = 0): Buffer {
  const sorted = [...fields].sort(([a], [b]) => a - b);
  const head = 8 + 2 + sorted.length * 12 + 4;
  const sizeOf = ([, type, ...values]: TiffField): number => values.length * (type === 3 ? 2 : 4);
  const outside = sorted.reduce((sum, field) => sum + (sizeOf(field) > 4 ? sizeOf(field) : 0), 0);
  const bytes = Buffer.alloc(head + outside);
  bytes.set([0x49, 0x49, 0x2a, 0, 8, 0, 0, 0]);
  bytes.writeUInt16LE(sorted.length, 8);
  let free = head;
  sorted.forEach((field, i) => {
    const [tag, type, ...values] = field;
    const at = 10 + i * 12;
    bytes.writeUInt16LE(tag, at);
    bytes.writeUInt16LE(type, at + 2);
    bytes.writeUInt32LE(values.length, at + 4);
    let to = at + 8;
    if (sizeOf(field) > 4) {
      bytes.writeUInt32LE(free, at + 8);
      to = free;
      free += sizeOf(field);
    }
    values.forEach((value, k) => {
      const number = value === 'data' ? bytes.length : value;
      if (type === 3) bytes.writeUInt16LE(number, to + 2 * k);
      else bytes.writeUInt32LE(number, to + 4 * k);
    });
  });
  bytes.writeUInt32LE(next, head - 4);
  return Buffer.concat([bytes, data]);
}
