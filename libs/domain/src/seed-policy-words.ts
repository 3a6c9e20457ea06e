import type { SeedAnswer } from './seed-policy.ts';

/** What the seed project's `verify` prints. */
export function seedVerifyWords(identity: string, match: boolean): string {
  return match ? `It's ${identity}, welcome home!` : `It's not ${identity}, please go away`;
}

/** What the seed project's `verify` returns, `(dist, match)`; the distance with four digits. */
export function seedVerifyPair(distance: number, match: boolean): string {
  return `(${distance.toFixed(4)}, ${match})`;
}

/** What the seed project's `who_is_it` prints; the distance with four digits. */
export function seedWhoIsItWords({ identity, distance }: SeedAnswer<string>): string {
  return identity === null ? 'Not in the database.' : `it's ${identity}, the distance is ${distance.toFixed(4)}`;
}
