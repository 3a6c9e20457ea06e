import { type FaceVote, type FaceVotes, tally } from './face-votes.ts';
import type { MatchRule } from './match-policy.ts';

/** Outcome of a decision; the contracts' `decision` has the same members. */
export type DecisionOutcome = 'granted' | 'denied' | 'unknown' | 'spoof' | 'not-evaluated';

/** Why a decision is what it is; the contracts' `reason` has the same members. */
export type ReasonCode =
  | 'matched'
  | 'too-far'
  | 'narrow-margin'
  | 'empty-gallery'
  | 'claim-not-met'
  | 'few-votes'
  | 'low-quality'
  | 'not-live'
  | 'outside-schedule'
  | 'clock-untrusted'
  | 'gallery-locked'
  | 'storage-failed'
  | 'door-failed'
  | 'model-changed';

/** What a person may do here. */
export interface Admission {
  /** Admitted whatever the schedule and the clock (PROTOCOL.md §5). */
  readonly always: boolean;
  /** Whether the person's schedule allows this moment by the device's clock; null: the person has no schedule. */
  readonly withinSchedule: boolean | null;
}

/** The state of the device that decisions depend on. */
export interface DecisionContext {
  readonly clockTrusted: boolean;
  /** `partly-locked`: the damaged gallery of a group is left out. `locked`: none may be used (offline for too long). */
  readonly gallery: 'usable' | 'partly-locked' | 'locked';
  /** Some of the gallery's encodings are of another model and were left out. */
  readonly modelChanged: boolean;
  /** What a known person may do. */
  admission(personId: string): Admission;
}

/** A decision about the face of one track. */
export interface FaceDecision {
  readonly outcome: DecisionOutcome;
  /** Only for `granted` and `denied`. */
  readonly personId: string | null;
  readonly distance: number | null;
  readonly margin: number | null;
  readonly quality: number | null;
  readonly reasons: readonly ReasonCode[];
}

/**
 * Decides about a face by the votes of its track. `not-evaluated` means: not yet, wait for more frames. Never `granted`
 * unless enough good frames agree on one person, the gallery may be used and that person may enter now.
 */
export function decideFace(votes: FaceVotes, rule: MatchRule, context: DecisionContext): FaceDecision {
  const counted = tally(votes, rule);
  if (counted.outcome === 'undecided') {
    return {
      outcome: 'not-evaluated',
      personId: null,
      distance: null,
      margin: null,
      quality: null,
      reasons: [counted.reason],
    };
  }
  const { vote } = counted;
  const { personId } = vote;
  if (personId === null) return decisionOf(vote, 'unknown', [vote.reason, ...galleryReasons(context)]);
  const refusals = refusalsOf(personId, context);
  return refusals.length > 0
    ? decisionOf(vote, 'denied', ['matched', ...refusals])
    : decisionOf(vote, 'granted', ['matched']);
}

/** A decision that was `granted`, after something failed that must not: the door stays shut for this reason. */
export function denyFor(decision: FaceDecision, reason: ReasonCode): FaceDecision {
  return { ...decision, outcome: 'denied', reasons: [...decision.reasons, reason] };
}

/**
 * Whether a decision is news to a reader of one presence's events: it has another outcome or person, and it does not
 * merely lose sight of a person (a turned head makes nobody a stranger; a gallery that changed does).
 * @param previous the presence's last decision that was told, null when there was none.
 */
export function isNews(previous: FaceDecision | null, next: FaceDecision, galleryChanged: boolean): boolean {
  if (next.outcome === 'not-evaluated') return false;
  if (previous === null) return true;
  if (previous.outcome === next.outcome && previous.personId === next.personId) return false;
  return next.outcome !== 'unknown' || galleryChanged;
}

function decisionOf(vote: FaceVote, outcome: DecisionOutcome, reasons: readonly ReasonCode[]): FaceDecision {
  const { personId, distance, margin, quality } = vote;
  return { outcome, personId, distance, margin, quality, reasons };
}

/** Why the device itself may not have known a face. */
function galleryReasons({ gallery, modelChanged }: DecisionContext): ReasonCode[] {
  return [
    ...(gallery !== 'usable' ? (['gallery-locked'] as const) : []),
    ...(modelChanged ? (['model-changed'] as const) : []),
  ];
}

function refusalsOf(personId: string, context: DecisionContext): ReasonCode[] {
  if (context.gallery === 'locked') return ['gallery-locked'];
  const { always, withinSchedule } = context.admission(personId);
  if (always || withinSchedule === null) return [];
  // A schedule cannot be kept by a clock that may be wrong, in either direction.
  if (!context.clockTrusted) return ['clock-untrusted'];
  return withinSchedule ? [] : ['outside-schedule'];
}
