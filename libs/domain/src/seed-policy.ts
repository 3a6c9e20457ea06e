/** Distance below which the seed project's `verify` says yes, and above which its `who_is_it` says nobody. */
export const seedMaxDistance = 0.7;

/** What the seed project's `who_is_it` starts its search for a smaller distance with. */
const seedStartDistance = 100;

/** The seed project's `verify`: whether a face at this distance from the claimed person's is let in. */
export function seedVerify(distance: number): boolean {
  return distance < seedMaxDistance;
}

/** A known identity and how far the probe is from it. */
export interface SeedCandidate<Id> {
  readonly identity: Id;
  readonly distance: number;
}

/** Answer of {@link seedWhoIsIt}. `identity` null: "Not in the database". */
export interface SeedAnswer<Id> {
  readonly identity: Id | null;
  /** Distance to the nearest candidate, 100 when none was nearer than that. */
  readonly distance: number;
}

/**
 * The seed project's `who_is_it`: the search starts at 100, the first of the nearest wins, and above 0.7 the answer is
 * "Not in the database". Exactly 0.7 is therefore somebody here and refused by {@link seedVerify}, as in the seed.
 */
export function seedWhoIsIt<Id>(candidates: Iterable<SeedCandidate<Id>>): SeedAnswer<Id> {
  let identity: Id | null = null;
  let distance = seedStartDistance;
  for (const candidate of candidates) {
    if (candidate.distance < distance) ({ identity, distance } = candidate);
  }
  return distance > seedMaxDistance ? { identity: null, distance } : { identity, distance };
}
