import { type Encoding, LatchkeyError, type ModelId } from '@latchkey/domain';
import type { EncodingRows } from './encoding-rows.ts';
import { type ExactSearch, openExactSearch } from './exact-search.ts';
import { FloatRows } from './float-rows.ts';
import { Int8Rows } from './int8-rows.ts';
import { NearestPeople, type NearestRow } from './nearest-people.ts';

/** Limits of a search. */
export interface MatchPolicy {
  readonly maxDistance: number;
  /** How much nearer the best person must be than the best other one. */
  readonly minMargin: number;
}

/** Somebody who was found. */
export interface FoundPerson {
  readonly personId: string;
  /** Which of the person's encodings is nearest. */
  readonly encodingId: string;
  /** Euclidean distance to it. */
  readonly distance: number;
}

/** Outcome of a search. */
export interface GalleryMatch {
  readonly decision: 'match' | 'unknown';
  /** Why it is unknown: nobody enrolled, nobody near enough, or two people about equally near; null for a match. */
  readonly reason: 'distance' | 'margin' | 'empty' | null;
  /** The nearest person, also when unknown; null in an empty gallery. */
  readonly personId: string | null;
  /** Which of that person's encodings is nearest. */
  readonly encodingId: string | null;
  /** Euclidean distance to it; null in an empty gallery. */
  readonly distance: number | null;
  /** How much farther the nearest other person is; null when there is no other. */
  readonly margin: number | null;
}

/** How a gallery keeps its encodings. */
export interface GalleryOptions {
  /** `int8`: rounded to 8 bits, a quarter of the memory. Default `float32`. */
  readonly precision?: 'float32' | 'int8';
  /** The native search; default: the one that this machine has. */
  readonly search?: ExactSearch;
}

interface Person {
  /** Small number of the person, so that the search compares no strings. */
  readonly number: number;
  readonly encodingIds: string[];
}

interface Slot {
  readonly personId: string;
  readonly encodingId: string;
  /** The person's number. */
  readonly person: number;
}

/** Up to that many encodings the loop is as fast as a call of native code (`npm run bench -- search`). */
const loopUpTo = 64;
/** How many rows are asked of the native search, at first and when those do not settle it; then the loop looks at all. */
const rowsAsked = [16, 256];

/** People's encodings of one model, any number per person, searched exactly in one block of memory. */
export class Gallery {
  readonly modelId: ModelId;
  readonly dimension: number;
  readonly #search: ExactSearch;
  readonly #rows: EncodingRows;
  readonly #slots: Slot[] = [];
  readonly #positions = new Map<string, number>();
  readonly #people = new Map<string, Person>();
  #nextPerson = 0;

  /** @param dimension values of an encoding. */
  constructor(modelId: ModelId, dimension = 128, options: GalleryOptions = {}) {
    const { precision = 'float32', search = openExactSearch() } = options;
    this.modelId = modelId;
    this.dimension = dimension;
    this.#search = search;
    this.#rows = precision === 'int8' ? new Int8Rows(dimension) : new FloatRows(dimension);
  }

  /** Number of encodings. */
  get size(): number {
    return this.#slots.length;
  }

  /** Number of people. */
  get people(): number {
    return this.#people.size;
  }

  /** Bytes of the block that holds the encodings. */
  get byteLength(): number {
    return this.#rows.byteLength;
  }

  /** What large galleries are searched with. */
  get engine(): 'usearch' | 'loop' {
    return this.#search.native ? 'usearch' : 'loop';
  }

  /** Why that is the slower loop; null for `usearch`. */
  get engineNote(): string | null {
    return this.#search.note;
  }

  /**
   * Adds an encoding, or replaces the one with this id.
   * @throws LatchkeyError `model-mismatch` for another number of values, `not-a-number` for values that are not finite.
   */
  add(personId: string, encodingId: string, values: Float32Array): void {
    this.#assertUsable(values, `Encoding "${encodingId}"`);
    this.removeEncoding(encodingId);
    const person = this.#people.get(personId) ?? { number: this.#nextPerson++, encodingIds: [] };
    person.encodingIds.push(encodingId);
    this.#people.set(personId, person);
    this.#positions.set(encodingId, this.#slots.push({ personId, encodingId, person: person.number }) - 1);
    this.#rows.push(values);
  }

  /** Removes all of a person's encodings; one who is not there is no error. */
  removePerson(personId: string): void {
    const theirs = this.#people.get(personId)?.encodingIds ?? [];
    for (const encodingId of [...theirs]) this.removeEncoding(encodingId);
  }

  /** Removes one encoding and wipes its values; one that is not there is no error. */
  removeEncoding(encodingId: string): void {
    const position = this.#positions.get(encodingId);
    const slot = position === undefined ? undefined : this.#slots[position];
    if (position === undefined || !slot) return;
    this.#positions.delete(encodingId);
    const last = this.#slots.pop();
    if (last && last !== slot) {
      this.#slots[position] = last;
      this.#positions.set(last.encodingId, position);
    }
    this.#rows.remove(position);
    this.#forget(slot);
  }

  /**
   * The nearest person, and whether that is a match: near enough, and clearly nearer than anybody else. Two people who are
   * equally near are none, whatever the policy.
   * @throws LatchkeyError `model-mismatch` when the probe is of another model, `not-a-number` when a value is not finite.
   */
  match(probe: Encoding, policy: MatchPolicy): GalleryMatch {
    const [best, other] = this.search(probe, 2);
    if (!best) {
      return { decision: 'unknown', reason: 'empty', personId: null, encodingId: null, distance: null, margin: null };
    }
    const margin = other ? other.distance - best.distance : null;
    const reason = refusal(best.distance, margin, policy);
    return { decision: reason === null ? 'match' : 'unknown', reason, ...best, margin };
  }

  /**
   * The `count` nearest people, nearest first, whatever the distance; all of them when there are fewer. Exact: no other person
   * has an encoding that is nearer than the last one's nearest.
   * @throws LatchkeyError as {@link match}.
   */
  search(probe: Encoding, count: number): FoundPerson[] {
    if (probe.modelId !== this.modelId) {
      throw new LatchkeyError(
        'model-mismatch',
        `An encoding of "${probe.modelId}" cannot be searched among those of "${this.modelId}"; encode it with that model.`,
      );
    }
    this.#assertUsable(probe.values, 'The encoding to be searched');
    if (count < 1) return [];
    const nearest = this.#byNativeSearch(probe.values, count) ?? this.#byLoop(probe.values, count);
    return nearest.map(({ row, squared }) => {
      const { personId, encodingId } = this.#slots[row] as Slot;
      return { personId, encodingId, distance: Math.sqrt(squared) };
    });
  }

  /** Null when the native search is not there, does not pay, or does not settle who is nearest. */
  #byNativeSearch(probe: Float32Array, count: number): readonly NearestRow[] | null {
    const { native } = this.#search;
    if (!native || this.size <= loopUpTo) return null;
    for (const asked of rowsAsked) {
      if (asked >= this.size) return null;
      const { rows, othersBeyond } = this.#rows.near(native, probe, asked);
      const nearest = new NearestPeople(count);
      for (const row of rows) this.#offer(nearest, row, probe);
      const farthest = nearest.found[count - 1];
      if (farthest && Math.sqrt(farthest.squared) < othersBeyond) return nearest.found;
    }
    return null;
  }

  #byLoop(probe: Float32Array, count: number): readonly NearestRow[] {
    const nearest = new NearestPeople(count);
    for (let row = 0; row < this.size; row++) this.#offer(nearest, row, probe);
    return nearest.found;
  }

  #offer(nearest: NearestPeople, row: number, probe: Float32Array): void {
    nearest.offer((this.#slots[row] as Slot).person, row, this.#rows.squaredDistance(row, probe));
  }

  #assertUsable(values: Float32Array, what: string): void {
    if (values.length !== this.dimension) {
      throw new LatchkeyError(
        'model-mismatch',
        `This gallery holds encodings of ${this.dimension} values ("${this.modelId}"), got ${values.length}.`,
      );
    }
    if (!values.every(Number.isFinite)) {
      throw new LatchkeyError('not-a-number', `${what} holds a value that is not a finite number.`);
    }
  }

  #forget({ personId, encodingId }: Slot): void {
    const encodingIds = this.#people.get(personId)?.encodingIds;
    encodingIds?.splice(encodingIds.indexOf(encodingId), 1);
    if (encodingIds?.length === 0) this.#people.delete(personId);
  }
}

function refusal(distance: number, margin: number | null, policy: MatchPolicy): 'distance' | 'margin' | null {
  // Written so that NaN in a policy refuses.
  if (!(distance <= policy.maxDistance)) return 'distance';
  if (margin !== null && !(margin >= policy.minMargin && margin > 0)) return 'margin';
  return null;
}
