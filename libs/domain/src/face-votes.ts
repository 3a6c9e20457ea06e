import type { MonotonicMs } from './door-machine.ts';
import type { FaceMatch, MatchRule } from './match-policy.ts';

/** What one frame says about the face of one track. */
export interface FaceVote extends FaceMatch {
  /** Quality of the face in that frame, 0–100. */
  readonly quality: number;
  /** Probability of a live face in that frame, 0–1; null where it was not measured. */
  readonly liveness: number | null;
  /** When the frame was captured. */
  readonly at: MonotonicMs;
}

/** The votes of one track: good frames, oldest first, and how many frames were not good enough to vote. */
export interface FaceVotes {
  readonly good: readonly FaceVote[];
  readonly poorFrames: number;
}

/** The votes of a track that was not seen yet. */
export const noVotes: FaceVotes = { good: [], poorFrames: 0 };

/**
 * How old a good frame may be and still count. Somebody who waits looks at the camera within this time; what was seen before
 * that may have been somebody else's turn.
 */
export const voteMaxAgeMs = 10_000;

/**
 * The votes with one more frame: one below the least quality only counts as poor; beyond the window the oldest goes. A frame
 * counts once: one that is not newer than the last one (a source that hangs or is replayed) changes nothing.
 */
export function castVote(votes: FaceVotes, vote: FaceVote, rule: MatchRule): FaceVotes {
  const last = votes.good.at(-1);
  if (last && !(vote.at > last.at)) return votes;
  // Negated, so that a quality of NaN is poor.
  if (!(vote.quality >= rule.minQuality)) return { ...votes, poorFrames: votes.poorFrames + 1 };
  return { ...votes, good: [...votes.good, vote].slice(-rule.votesWindow) };
}

/** What a track's votes come to. `agreed`: the best vote for the winner stands for all of them. */
export type Tally =
  | { readonly outcome: 'agreed'; readonly vote: FaceVote; readonly votes: number }
  | { readonly outcome: 'undecided'; readonly reason: 'few-votes' | 'low-quality' };

/** The good votes that still count at a moment: not too old, and not of a time to come. */
export function countingVotes(votes: FaceVotes, at: MonotonicMs): readonly FaceVote[] {
  return votes.good.filter((vote) => at - vote.at >= 0 && at - vote.at <= voteMaxAgeMs);
}

/**
 * Whether `votesNeeded` good frames agree on one person or on nobody. A winner must have more votes than any other, so
 * two people who change places under one track are nobody until one of them prevails.
 */
export function tally(votes: FaceVotes, rule: MatchRule, at: MonotonicMs): Tally {
  const byPerson = new Map<string | null, FaceVote[]>();
  for (const vote of countingVotes(votes, at))
    byPerson.set(vote.personId, [...(byPerson.get(vote.personId) ?? []), vote]);
  const [first, second] = [...byPerson.values()].sort((a, b) => b.length - a.length);
  if (first === undefined) return { outcome: 'undecided', reason: votes.poorFrames > 0 ? 'low-quality' : 'few-votes' };
  if (first.length < rule.votesNeeded || first.length === second?.length) {
    return { outcome: 'undecided', reason: 'few-votes' };
  }
  return { outcome: 'agreed', vote: bestOf(first), votes: first.length };
}

/**
 * How live a track's face is: the median over its good frames, which one lucky frame does not move. Null while fewer frames
 * were measured than must agree on a person.
 */
export function fusedLiveness(votes: FaceVotes, rule: MatchRule, at: MonotonicMs): number | null {
  const scores = countingVotes(votes, at)
    .map(({ liveness }) => liveness)
    .filter((score) => score !== null)
    .sort((a, b) => a - b);
  if (scores.length < rule.votesNeeded) return null;
  // Of an even number the lower one: never more live than half of the frames say.
  return scores[Math.floor((scores.length - 1) / 2)] ?? null;
}

/** Of equal votes the one with the least distance; among those without a distance the one with the best quality. */
function bestOf(votes: readonly FaceVote[]): FaceVote {
  return votes.reduce((best, vote) => {
    const nearer = (vote.distance ?? Number.POSITIVE_INFINITY) - (best.distance ?? Number.POSITIVE_INFINITY);
    return nearer < 0 || (!(nearer > 0) && vote.quality > best.quality) ? vote : best;
  });
}
