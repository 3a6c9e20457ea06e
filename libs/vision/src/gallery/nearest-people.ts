/** The nearest row of one person. */
export interface NearestRow {
  readonly person: number;
  readonly row: number;
  readonly squared: number;
}

/** Collects the `count` nearest people out of rows that are offered in any number and order, the nearest first. */
export class NearestPeople {
  readonly #count: number;
  readonly #found: NearestRow[] = [];
  /** A row that is not nearer than that changes nothing. */
  #limit = Number.POSITIVE_INFINITY;

  constructor(count: number) {
    this.#count = count;
  }

  /** Of rows that are equally near the one that is offered first stays. A distance that is not a number is no one's. */
  offer(person: number, row: number, squared: number): void {
    if (!(squared < this.#limit)) return;
    const found = this.#found;
    const known = found.findIndex((nearest) => nearest.person === person);
    if (known >= 0) {
      if (!(squared < (found[known] as NearestRow).squared)) return;
      found.splice(known, 1);
    } else if (found.length === this.#count) {
      found.pop();
    }
    const place = found.findIndex((nearest) => squared < nearest.squared);
    found.splice(place < 0 ? found.length : place, 0, { person, row, squared });
    if (found.length === this.#count) this.#limit = (found[this.#count - 1] as NearestRow).squared;
  }

  /** Nearest first; fewer than wanted when there are no more people. */
  get found(): readonly NearestRow[] {
    return this.#found;
  }
}
