import type { MonotonicMs } from './door-machine.ts';

/** When each person was last let in at a door. */
export type Passages = ReadonlyMap<string, MonotonicMs>;

/** Nobody was let in yet. */
export const noPassages: Passages = new Map();

/** The passages with one more; those that no window can reach any more are left out. */
export function recordPassage(passages: Passages, personId: string, at: MonotonicMs, windowMs: number): Passages {
  const recent = [...passages].filter(([id, passedAt]) => id !== personId && at - passedAt < windowMs);
  return new Map([...recent, [personId, at]]);
}

/** Whether a person was let in less than `windowMs` ago. */
export function hasPassed(passages: Passages, personId: string, at: MonotonicMs, windowMs: number): boolean {
  const passedAt = passages.get(personId);
  return passedAt !== undefined && at - passedAt < windowMs;
}

/**
 * Passages on the clock of another process: those that were kept at `keptAt` of theirs go on at `at` of ours. What passed
 * between counts as nothing, because nobody measured it: a window can only become longer by a restart.
 */
export function resumePassages(passages: Passages, keptAt: MonotonicMs, at: MonotonicMs): Passages {
  return new Map([...passages].map(([personId, passedAt]) => [personId, at + (passedAt - keptAt)]));
}
