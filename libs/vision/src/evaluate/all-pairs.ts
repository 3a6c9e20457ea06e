import { squaredDistance } from '@latchkey/domain';

/** An encoding and whose it is. */
export interface OwnedEncoding {
  readonly identity: string;
  readonly values: Float32Array;
}

/** Two of a list, by their places in it. */
export interface PairPlace {
  readonly a: number;
  readonly b: number;
  readonly distance: number;
}

/** Distances of all pairs of a list. */
export interface AllPairs {
  /** Of one person's encodings, ascending. */
  readonly genuine: Float32Array;
  /** Of two people's, ascending. */
  readonly impostor: Float32Array;
  /** The nearest pairs of two people, nearest first: often one person under two names. */
  readonly nearestImpostors: readonly PairPlace[];
}

const NEAREST = 5;

/** Compares every encoding with every other one. All must be of one model. */
export function compareAllPairs(encodings: readonly OwnedEncoding[]): AllPairs {
  const counts = countPairs(encodings);
  const genuine = new Float32Array(counts.genuine);
  const impostor = new Float32Array(counts.impostor);
  let nearest: PairPlace[] = [];
  let [genuineAt, impostorAt] = [0, 0];
  for (const [a, first] of encodings.entries()) {
    for (let b = a + 1; b < encodings.length; b++) {
      const second = encodings[b];
      if (!second) break;
      const distance = Math.sqrt(squaredDistance(first.values, second.values));
      if (first.identity === second.identity) genuine[genuineAt++] = distance;
      else {
        impostor[impostorAt++] = distance;
        if (nearest.length < NEAREST || distance < (nearest[NEAREST - 1]?.distance ?? 0)) {
          nearest = [...nearest, { a, b, distance }].sort((x, y) => x.distance - y.distance).slice(0, NEAREST);
        }
      }
    }
  }
  return { genuine: genuine.sort(), impostor: impostor.sort(), nearestImpostors: nearest };
}

/** How many pairs of one person and of two a list has. */
export function countPairs(owners: readonly Pick<OwnedEncoding, 'identity'>[]): {
  readonly genuine: number;
  readonly impostor: number;
} {
  const sizes = new Map<string, number>();
  for (const { identity } of owners) sizes.set(identity, (sizes.get(identity) ?? 0) + 1);
  const pairsOf = (count: number): number => (count * (count - 1)) / 2;
  const genuine = [...sizes.values()].reduce((sum, size) => sum + pairsOf(size), 0);
  return { genuine, impostor: pairsOf(owners.length) - genuine };
}
