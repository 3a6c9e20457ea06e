import {
  applyOperations,
  contentHashOf,
  encodingRowHash,
  type GalleryContent,
  type GalleryEncoding,
  type GalleryOperation,
  type GalleryPerson,
  personRowHash,
} from '@latchkey/domain';

/**
 * The rows of one group's gallery with the hash of each, so that the content's hash after a change costs what the change
 * costs. Never changes: a change gives a new one.
 */
export class GroupRows implements GalleryContent {
  static readonly empty = new GroupRows(new Map(), new Map(), new Map());

  readonly persons: ReadonlyMap<string, GalleryPerson>;
  readonly encodings: ReadonlyMap<string, GalleryEncoding>;
  private readonly hashes: ReadonlyMap<object, string>;

  private constructor(
    persons: ReadonlyMap<string, GalleryPerson>,
    encodings: ReadonlyMap<string, GalleryEncoding>,
    hashes: ReadonlyMap<object, string>,
  ) {
    this.persons = persons;
    this.encodings = encodings;
    this.hashes = hashes;
  }

  /** These rows, every hash computed from them. */
  static of({ persons, encodings }: GalleryContent): GroupRows {
    return GroupRows.hashed(persons, encodings, new Map());
  }

  private static hashed(
    persons: ReadonlyMap<string, GalleryPerson>,
    encodings: ReadonlyMap<string, GalleryEncoding>,
    known: ReadonlyMap<object, string>,
  ): GroupRows {
    const hashes = new Map<object, string>();
    for (const person of persons.values()) hashes.set(person, known.get(person) ?? personRowHash(person));
    for (const row of encodings.values()) hashes.set(row, known.get(row) ?? encodingRowHash(row));
    return new GroupRows(persons, encodings, hashes);
  }

  /**
   * The rows after these operations.
   * @throws LatchkeyError `gallery-diverged` when an encoding names a person that is not there.
   */
  after(operations: readonly GalleryOperation[]): GroupRows {
    // Rows that an operation does not touch stay the same objects, so their hashes are found.
    const { persons, encodings } = applyOperations(this, operations);
    return GroupRows.hashed(persons, encodings, this.hashes);
  }

  /** `contentHash` of PROTOCOL.md §3. */
  contentHash(): string {
    return contentHashOf(this.hashes.values());
  }
}
