const RIFF_HEADER = 12;
const CHUNK_HEADER = 8;

/**
 * An animated WebP without all frames but its first; other files as they are. libwebp looks for every frame from the
 * beginning on: 10,000 take a second, 300,000 minutes. What is cut off stays cut off, so that it is refused.
 */
export function firstFrameOfWebp(bytes: Uint8Array): Uint8Array {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.length < RIFF_HEADER || file.readUInt32LE(4) + 8 > file.length) return bytes;
  const end = file.readUInt32LE(4) + 8;
  let firstEnds = 0;
  for (let at = RIFF_HEADER; at + CHUNK_HEADER <= end; ) {
    const length = file.readUInt32LE(at + 4);
    const next = at + CHUNK_HEADER + length + (length & 1);
    if (file.toString('latin1', at, at + 4) === 'ANMF') {
      if (firstEnds > 0) return upTo(file, firstEnds);
      firstEnds = next;
    }
    at = next;
  }
  return bytes;
}

function upTo(file: Buffer, end: number): Uint8Array {
  const first = Buffer.from(file.subarray(0, end));
  first.writeUInt32LE(end - CHUNK_HEADER, 4);
  return first;
}
