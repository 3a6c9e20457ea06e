import { encodingFromBase64, type GalleryAnswer } from '@latchkey/contracts';
import type { GalleryEncoding, GalleryPerson } from '@latchkey/domain';
import { GroupRows } from './group-rows.ts';

/** One part of a snapshot as it travels. */
export type SnapshotPart = Extract<GalleryAnswer, { type: 'snapshot' }>;

/** The rows of one part. */
export interface PartRows {
  readonly persons: readonly GalleryPerson[];
  readonly encodings: readonly GalleryEncoding[];
}

/** A snapshot that is being put together beside the live gallery, from parts in any order. */
export class SnapshotAssembly {
  readonly snapshotId: string;
  readonly chunks: number;
  /** Generation of its rows on disk. */
  readonly generation: number;
  private readonly persons = new Map<string, GalleryPerson>();
  private readonly encodings = new Map<string, GalleryEncoding>();
  private readonly arrived = new Set<number>();

  constructor(first: SnapshotPart, generation: number) {
    this.snapshotId = first.snapshotId;
    this.chunks = first.chunks;
    this.generation = generation;
  }

  /**
   * Whether a part belongs to it and is not there yet.
   */
  wants(part: SnapshotPart): boolean {
    return (
      part.snapshotId === this.snapshotId &&
      part.chunks === this.chunks &&
      part.chunk < this.chunks &&
      !this.arrived.has(part.chunk)
    );
  }

  /**
   * Adds a part that {@link wants} has accepted; the rows are the caller's to store.
   * @throws LatchkeyError `invalid-input` when an encoding's bytes are no finite float32 values.
   */
  add(part: SnapshotPart): PartRows {
    const encodings = part.encodings.map(({ encodingId, personId, modelId, values }) => ({
      encodingId,
      personId,
      modelId,
      values: encodingFromBase64(values),
    }));
    for (const person of part.persons) this.persons.set(person.personId, person);
    for (const encoding of encodings) this.encodings.set(encoding.encodingId, encoding);
    this.arrived.add(part.chunk);
    return { persons: part.persons, encodings };
  }

  get complete(): boolean {
    return this.arrived.size === this.chunks;
  }

  /** All rows, hashed. */
  rows(): GroupRows {
    return GroupRows.of({ persons: this.persons, encodings: this.encodings });
  }
}
