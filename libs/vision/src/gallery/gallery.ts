import { type Encoding, LatchkeyError, type ModelId } from '@latchkey/domain';

/** Limits of a search. */
export interface MatchPolicy {
  readonly maxDistance: number;
  /** How much nearer the best person must be than the best other one. */
  readonly minMargin: number;
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

interface Slot {
  readonly personId: string;
  readonly encodingId: string;
  /** Small number of the person, so that the search compares no strings. */
  readonly person: number;
}

const FIRST_CAPACITY = 64;

/** People's encodings of one model, any number per person, searched exactly in one block of memory. */
export class Gallery {
  readonly modelId: ModelId;
  readonly dimension: number;
  readonly #slots: Slot[] = [];
  readonly #positions = new Map<string, number>();
  readonly #people = new Map<string, { readonly number: number; encodings: number }>();
  #values: Float32Array;
  #nextPerson = 0;

  constructor(modelId: ModelId, dimension = 128) {
    this.modelId = modelId;
    this.dimension = dimension;
    this.#values = new Float32Array(FIRST_CAPACITY * dimension);
  }

  /** Number of encodings. */
  get size(): number {
    return this.#slots.length;
  }

  /** Number of people. */
  get people(): number {
    return this.#people.size;
  }

  /**
   * Adds an encoding, or replaces the one with this id.
   * @throws LatchkeyError `model-mismatch` for another number of values, `not-a-number` for values that are not finite.
   */
  add(personId: string, encodingId: string, values: Float32Array): void {
    this.#assertDimension(values);
    if (!values.every(Number.isFinite)) {
      throw new LatchkeyError('not-a-number', `Encoding "${encodingId}" holds a value that is not a finite number.`);
    }
    this.removeEncoding(encodingId);
    const person = this.#people.get(personId) ?? { number: this.#nextPerson++, encodings: 0 };
    person.encodings++;
    this.#people.set(personId, person);
    const position = this.#slots.push({ personId, encodingId, person: person.number }) - 1;
    this.#positions.set(encodingId, position);
    this.#reserve(this.#slots.length);
    this.#values.set(values, position * this.dimension);
  }

  /** Removes all of a person's encodings; one who is not there is no error. */
  removePerson(personId: string): void {
    const theirs = this.#slots.filter((slot) => slot.personId === personId);
    for (const slot of theirs) this.removeEncoding(slot.encodingId);
  }

  /** Removes one encoding and wipes its values; one that is not there is no error. */
  removeEncoding(encodingId: string): void {
    const position = this.#positions.get(encodingId);
    const slot = position === undefined ? undefined : this.#slots[position];
    if (position === undefined || !slot) return;
    this.#positions.delete(encodingId);
    const last = this.#slots.pop();
    const end = this.#slots.length * this.dimension;
    if (last && last !== slot) {
      // The last one moves into the gap: order means nothing here.
      this.#slots[position] = last;
      this.#positions.set(last.encodingId, position);
      this.#values.copyWithin(position * this.dimension, end, end + this.dimension);
    }
    this.#values.fill(0, end, end + this.dimension);
    this.#forgetOneOf(slot.personId);
  }

  /**
   * The nearest person, and whether that is a match: near enough, and clearly nearer than anybody else.
   * @throws LatchkeyError `model-mismatch` when the probe is of another model.
   */
  match(probe: Encoding, policy: MatchPolicy): GalleryMatch {
    if (probe.modelId !== this.modelId) {
      throw new LatchkeyError(
        'model-mismatch',
        `An encoding of "${probe.modelId}" cannot be searched among those of "${this.modelId}"; encode it with that model.`,
      );
    }
    this.#assertDimension(probe.values);
    const { best, bestSquared, otherSquared } = this.#search(probe.values);
    const slot = this.#slots[best];
    if (!slot) {
      return { decision: 'unknown', reason: 'empty', personId: null, encodingId: null, distance: null, margin: null };
    }
    const distance = Math.sqrt(bestSquared);
    const margin = Number.isFinite(otherSquared) ? Math.sqrt(otherSquared) - distance : null;
    const reason = refusal(distance, margin, policy);
    const { personId, encodingId } = slot;
    return { decision: reason === null ? 'match' : 'unknown', reason, personId, encodingId, distance, margin };
  }

  /** Nearest slot, its squared distance, and that of the nearest slot of another person (infinite if none). */
  #search(probe: Float32Array): { best: number; bestSquared: number; otherSquared: number } {
    const { dimension } = this;
    const values = this.#values;
    let best = -1;
    let bestPerson = -1;
    let bestSquared = Number.POSITIVE_INFINITY;
    let otherSquared = Number.POSITIVE_INFINITY;
    for (let position = 0, at = 0; position < this.#slots.length; position++) {
      let squared = 0;
      for (let i = 0; i < dimension; i++, at++) {
        const difference = (values[at] as number) - (probe[i] as number);
        squared += difference * difference;
      }
      if (squared >= otherSquared && squared >= bestSquared) continue;
      const person = (this.#slots[position] as Slot).person;
      if (squared < bestSquared) {
        if (person !== bestPerson) otherSquared = bestSquared;
        best = position;
        bestPerson = person;
        bestSquared = squared;
      } else if (person !== bestPerson) {
        otherSquared = squared;
      }
    }
    return { best, bestSquared, otherSquared };
  }

  #assertDimension(values: Float32Array): void {
    if (values.length !== this.dimension) {
      throw new LatchkeyError(
        'model-mismatch',
        `This gallery holds encodings of ${this.dimension} values ("${this.modelId}"), got ${values.length}.`,
      );
    }
  }

  #reserve(slots: number): void {
    if (slots * this.dimension <= this.#values.length) return;
    const larger = new Float32Array(this.#values.length * 2);
    larger.set(this.#values);
    this.#values = larger;
  }

  #forgetOneOf(personId: string): void {
    const person = this.#people.get(personId);
    if (!person) return;
    person.encodings--;
    if (person.encodings === 0) this.#people.delete(personId);
  }
}

function refusal(distance: number, margin: number | null, policy: MatchPolicy): 'distance' | 'margin' | null {
  // Written so that NaN in a policy refuses.
  if (!(distance <= policy.maxDistance)) return 'distance';
  if (margin !== null && !(margin >= policy.minMargin)) return 'margin';
  return null;
}
