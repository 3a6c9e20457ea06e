import {
  distance,
  type Encoding,
  type GalleryEncoding,
  type GalleryPerson,
  type NearestPerson,
} from '@latchkey/domain';
import { Gallery } from '@latchkey/vision';
import { GroupRows } from './group-rows.ts';

/** What decisions need to know of all galleries of the device. */
export interface RecognitionGallery {
  /** The nearest person over all groups, whatever the distance; null when there is no encoding that may be used. */
  nearest(probe: Encoding): NearestPerson | null;
  /** Distance to the nearest of one person's encodings that may be used; null when there is none. */
  distanceTo(personId: string, probe: Encoding): number | null;
  person(personId: string): GalleryPerson | null;
  /** Revision of the group through which a person is known; the highest of all groups for null. */
  revisionFor(personId: string | null): number;
  /** Grows with every change of who can be recognised. */
  readonly generation: number;
  /** Encodings of another model than the device runs were left out. */
  readonly modelChanged: boolean;
  /** Galleries were left out because they are damaged. */
  readonly partlyLocked: boolean;
}

interface Group {
  readonly revision: number;
  readonly rows: GroupRows;
  /** Some of its encodings are of another model than the device's. */
  readonly foreign: boolean;
}

/**
 * Everybody whom the device may recognise, over all of its groups: one in-memory index of the encodings of the device's
 * model. Somebody in two groups is one person, and stays until the last of them drops them.
 */
export class LiveGallery implements RecognitionGallery {
  readonly modelId: string;
  generation = 0;
  private readonly index: Gallery;
  private readonly groups = new Map<string, Group>();
  private readonly locked = new Set<string>();

  constructor(modelId: string, dimension: number) {
    this.modelId = modelId;
    this.index = new Gallery(modelId, dimension);
  }

  /** How many people can be recognised, by how many encodings. */
  get size(): { readonly people: number; readonly encodings: number } {
    return { people: this.index.people, encodings: this.index.size };
  }

  /** Why searches are slower than they could be on this machine; null when they are not. */
  get searchNote(): string | null {
    return this.index.engineNote;
  }

  /** Replaces what one group holds. */
  set(groupId: string, revision: number, rows: GroupRows): void {
    const before = this.groups.get(groupId)?.rows ?? GroupRows.empty;
    const foreign = [...rows.encodings.values()].some(({ modelId }) => modelId !== this.modelId);
    this.groups.set(groupId, { revision, rows, foreign });
    this.locked.delete(groupId);
    this.reconcile(before, rows);
  }

  /** Forgets a group. */
  drop(groupId: string): void {
    const before = this.groups.get(groupId)?.rows;
    this.groups.delete(groupId);
    this.locked.delete(groupId);
    if (before) this.reconcile(before, GroupRows.empty);
  }

  /** Leaves a group out because its rows are not what central signed; `set` takes it in again. */
  lock(groupId: string): void {
    this.drop(groupId);
    this.locked.add(groupId);
  }

  get partlyLocked(): boolean {
    return this.locked.size > 0;
  }

  get modelChanged(): boolean {
    return [...this.groups.values()].some(({ foreign }) => foreign);
  }

  nearest(probe: Encoding): NearestPerson | null {
    const { personId, distance, margin } = this.index.match(probe, { maxDistance: 0, minMargin: 0 });
    return personId === null || distance === null ? null : { personId, distance, margin };
  }

  distanceTo(personId: string, probe: Encoding): number | null {
    const distances = this.rowsOfGroups()
      .flatMap(({ encodings }) => [...encodings.values()])
      .filter((row) => row.personId === personId && row.modelId === this.modelId)
      .map((row) => distance(probe, row));
    return distances.length > 0 ? Math.min(...distances) : null;
  }

  person(personId: string): GalleryPerson | null {
    for (const { persons } of this.rowsOfGroups()) {
      const person = persons.get(personId);
      if (person) return person;
    }
    return null;
  }

  revisionFor(personId: string | null): number {
    const groups = [...this.groups.values()];
    const through = personId === null ? undefined : groups.find(({ rows }) => rows.persons.has(personId));
    return through?.revision ?? Math.max(0, ...groups.map(({ revision }) => revision));
  }

  private rowsOfGroups(): GroupRows[] {
    return [...this.groups.values()].map(({ rows }) => rows);
  }

  /** Brings the index to what the groups hold together, looking only at rows that differ. */
  private reconcile(before: GroupRows, after: GroupRows): void {
    if (before === after) return;
    this.generation++;
    for (const [encodingId, row] of after.encodings) {
      if (before.encodings.get(encodingId) !== row) this.indexOne(encodingId, row);
    }
    for (const encodingId of before.encodings.keys()) {
      if (!after.encodings.has(encodingId)) this.indexOne(encodingId, this.heldByAny(encodingId));
    }
  }

  private heldByAny(encodingId: string): GalleryEncoding | undefined {
    for (const { encodings } of this.rowsOfGroups()) {
      const row = encodings.get(encodingId);
      if (row) return row;
    }
    return undefined;
  }

  private indexOne(encodingId: string, row: GalleryEncoding | undefined): void {
    if (row && row.modelId === this.modelId && row.values.length === this.index.dimension) {
      this.index.add(row.personId, encodingId, row.values);
    } else {
      this.index.removeEncoding(encodingId);
    }
  }
}
