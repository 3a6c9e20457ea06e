import { type SeedCandidate, seedMaxDistance, seedVerify, seedWhoIsIt } from './seed-policy.ts';

/** How a face is matched. `door`: distance, margin and votes. `seed`: the seed project's `who_is_it` on one frame. */
export type MatchPolicyName = 'door' | 'seed';

/** Numbers that a face is judged by at one door, all of them given. */
export interface MatchRule {
  readonly policy: MatchPolicyName;
  /** Greatest distance of a match, inclusive; > 0. */
  readonly maxDistance: number;
  /** The same where somebody claims to be one person; > 0. */
  readonly claimMaxDistance: number;
  /** Least distance between the nearest and the second nearest person; ≥ 0. */
  readonly minMargin: number;
  /** Frames of one track that must agree. */
  readonly votesNeeded: number;
  /** Frames of one track that are looked at, the newest ones; ≥ `votesNeeded`. */
  readonly votesWindow: number;
  /** Least quality of a frame that may vote, 0–100. */
  readonly minQuality: number;
}

/** A door's wishes; null: what the model's card says. */
export interface MatchWishes {
  readonly policy: MatchPolicyName;
  readonly maxDistance: number | null;
  readonly minMargin: number | null;
  readonly votesNeeded: number;
  readonly votesWindow: number;
  readonly minQuality: number;
}

/** What a model's card says about faces of one person. */
export interface ModelDefaults {
  /** For one person who is claimed. */
  readonly maxDistance: number;
  /** For one among many. */
  readonly identifyMaxDistance: number;
  readonly minMargin: number;
}

/**
 * The rule of a door with a model. The seed policy has fixed numbers: 0.7, no margin, one frame of any quality. A window
 * smaller than the votes that are needed could never be met and counts as that many.
 */
export function matchRuleOf(wishes: MatchWishes, model: ModelDefaults): MatchRule {
  if (wishes.policy === 'seed') {
    return {
      policy: 'seed',
      maxDistance: seedMaxDistance,
      claimMaxDistance: seedMaxDistance,
      minMargin: 0,
      votesNeeded: 1,
      votesWindow: 1,
      minQuality: 0,
    };
  }
  return {
    policy: 'door',
    maxDistance: wishes.maxDistance ?? model.identifyMaxDistance,
    claimMaxDistance: wishes.maxDistance ?? model.maxDistance,
    minMargin: wishes.minMargin ?? model.minMargin,
    votesNeeded: wishes.votesNeeded,
    votesWindow: Math.max(wishes.votesWindow, wishes.votesNeeded),
    minQuality: wishes.minQuality,
  };
}

/** The nearest person to one face, whatever the distance. */
export interface NearestPerson {
  readonly personId: string;
  /** To the nearest of the person's encodings. */
  readonly distance: number;
  /** Distance of the nearest encoding of any other person minus `distance`, ≥ 0; null when there is no other person. */
  readonly margin: number | null;
}

/** Why a face is, or is not, somebody's. */
export type MatchReason = 'matched' | 'too-far' | 'narrow-margin' | 'empty-gallery';

/** Who one face is by a rule. `personId` null: nobody. */
export interface FaceMatch {
  readonly personId: string | null;
  readonly distance: number | null;
  readonly margin: number | null;
  readonly reason: MatchReason;
}

/**
 * Open-set identification (DESIGN.md §3): a match needs a distance of at most `maxDistance` and a margin of at least
 * `minMargin` to the best other person, else the face is nobody's.
 * @param nearest null when the gallery holds no encodings.
 */
export function judgeNearest(nearest: NearestPerson | null, rule: MatchRule): FaceMatch {
  if (nearest === null) return { personId: null, distance: null, margin: null, reason: 'empty-gallery' };
  const { distance, margin } = nearest;
  const nobody = (reason: MatchReason): FaceMatch => ({ personId: null, distance, margin, reason });
  if (rule.policy === 'seed') {
    const candidate: SeedCandidate<string> = { identity: nearest.personId, distance };
    const { identity } = seedWhoIsIt([candidate]);
    return identity === null ? nobody('too-far') : { personId: identity, distance, margin, reason: 'matched' };
  }
  // Negated, so that NaN is never a match.
  if (!(distance <= rule.maxDistance)) return nobody('too-far');
  if (margin !== null && !(margin >= rule.minMargin)) return nobody('narrow-margin');
  return { personId: nearest.personId, distance, margin, reason: 'matched' };
}

/**
 * Whether a face is the one of a claimed person (1:1): nobody else is asked about, so there is no margin. The seed policy is
 * its `verify`, where 0.7 itself is too far.
 * @param distance to the nearest of the claimed person's encodings, null when there is none.
 */
export function judgeClaim(claimedPersonId: string, distance: number | null, rule: MatchRule): FaceMatch {
  if (distance === null) return { personId: null, distance, margin: null, reason: 'empty-gallery' };
  const isMet = rule.policy === 'seed' ? seedVerify(distance) : distance <= rule.claimMaxDistance;
  return isMet
    ? { personId: claimedPersonId, distance, margin: null, reason: 'matched' }
    : { personId: null, distance, margin: null, reason: 'too-far' };
}
