import {
  distance,
  judgeNearest,
  type MatchRule,
  matchRuleOf,
  type QualityReason,
  qualityFaults,
  qualityPolicies,
  seedMaxDistance,
  seedVerify,
  seedWhoIsIt,
} from '@latchkey/domain';
import type { EncoderCard } from '@latchkey/vision';
import type { ReadFace } from './face-reader.ts';
import type { KnownFace } from './known-faces.ts';
import type { Candidate, PolicyName, Verdict } from './recognizer.ts';

/** Everybody who is known, in the order of the gallery, by the nearest of their pictures. */
export function candidatesOf(face: ReadFace, known: readonly KnownFace[]): readonly Candidate[] {
  const nearest = new Map<string, number>();
  for (const { identity, encoding } of known) {
    const now = distance(face.encoding, encoding);
    nearest.set(identity, Math.min(now, nearest.get(identity) ?? Number.POSITIVE_INFINITY));
  }
  return [...nearest].map(([name, far]) => ({ name, distance: far }));
}

/**
 * Whether a face is the claimed person's: within the card's 1:1 distance and nearer than anybody else by its margin; with the policy
 * `seed`, nearer than 0.7.
 * @param candidates of {@link candidatesOf}; the claimed person is one of them.
 */
export function judgeClaim(
  face: ReadFace,
  identity: string,
  candidates: readonly Candidate[],
  policy: PolicyName,
  { maxDistance, minMargin }: EncoderCard,
): Verdict {
  const own = candidates.find(({ name }) => name === identity)?.distance ?? Number.POSITIVE_INFINITY;
  const others = candidates.filter(({ name }) => name !== identity).map((other) => other.distance);
  const margin = others.length > 0 ? Math.min(...others) - own : null;
  return {
    granted: policy === 'seed' ? seedVerify(own) : own <= maxDistance && (margin === null || margin >= minMargin),
    name: identity,
    distance: own,
    maxDistance: policy === 'seed' ? seedMaxDistance : maxDistance,
    margin,
    box: face.box,
    faults: faultsOf(face),
    candidates: [],
  };
}

/**
 * Whose face it is, by the card's distance for a search and its margin; with the policy `seed`, by the seed's `who_is_it`.
 * @param candidates of {@link candidatesOf}, in the order of the gallery.
 * @param top how many of them are named.
 */
export function judgeFace(
  face: ReadFace,
  candidates: readonly Candidate[],
  policy: PolicyName,
  card: EncoderCard,
  top: number,
): Verdict {
  const rule = ruleOf(policy, card);
  const sorted = [...candidates].sort((a, b) => a.distance - b.distance);
  const [best, other] = sorted;
  const margin = best && other ? other.distance - best.distance : null;
  const shared = {
    maxDistance: rule.maxDistance,
    margin,
    box: face.box,
    faults: faultsOf(face),
    candidates: sorted.slice(0, top),
  };
  if (policy === 'seed') {
    const answer = seedWhoIsIt(candidates.map(({ name, distance: far }) => ({ identity: name, distance: far })));
    return { granted: answer.identity !== null, name: answer.identity, distance: answer.distance, ...shared };
  }
  const match = judgeNearest(best ? { personId: best.name, distance: best.distance, margin } : null, rule);
  return { granted: match.personId !== null, name: match.personId, distance: match.distance, ...shared };
}

function faultsOf({ quality }: ReadFace): QualityReason[] {
  return quality ? qualityFaults(quality, qualityPolicies.probe) : [];
}

function ruleOf(policy: PolicyName, card: EncoderCard): MatchRule {
  const wishes = { policy, maxDistance: null, minMargin: null, votesNeeded: 1, votesWindow: 1, minQuality: 0 };
  return matchRuleOf(wishes, card);
}
