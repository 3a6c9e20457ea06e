import type { WireGalleryEncoding } from '@latchkey/contracts';
import type { GalleryPerson } from '@latchkey/domain';

/** A part of a snapshot. */
export interface SnapshotChunk {
  readonly persons: GalleryPerson[];
  readonly encodings: WireGalleryEncoding[];
}

/** Bytes of a value in a signed message: its JSON text becomes a string inside JSON, where each quote takes two characters. */
export function signedLength(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(JSON.stringify(value)));
}

/**
 * A gallery's rows in chunks whose rows take at most `maxBytes` each, people first, so that no encoding comes before its
 * person. At least one chunk, also for an empty gallery.
 */
export function snapshotChunks(
  persons: readonly GalleryPerson[],
  encodings: readonly WireGalleryEncoding[],
  maxBytes: number,
): SnapshotChunk[] {
  let chunk: SnapshotChunk = { persons: [], encodings: [] };
  let bytes = 0;
  const chunks = [chunk];
  const roomFor = (row: unknown): SnapshotChunk => {
    const length = signedLength(row) + 1;
    if (bytes > 0 && bytes + length > maxBytes) {
      chunk = { persons: [], encodings: [] };
      chunks.push(chunk);
      bytes = 0;
    }
    bytes += length;
    return chunk;
  };
  for (const person of persons) roomFor(person).persons.push(person);
  for (const encoding of encodings) roomFor(encoding).encodings.push(encoding);
  return chunks;
}
