import { type DoorRules, freeAccess, type PersonAccess, type TimeOfDecision, validityRefusal } from './access.ts';
import { type ChallengeState, isChallengeMet } from './active-liveness.ts';
import { hasPassed, type Passages } from './anti-passback.ts';
import { hasCompanion, type ReadyPersons } from './companions.ts';
import type { MonotonicMs } from './door-machine.ts';
import { type FaceVote, type FaceVotes, fusedLiveness, tally } from './face-votes.ts';
import type { GalleryPerson } from './gallery-log.ts';
import { allClaims, isLockedOut, type LockOuts } from './lock-out.ts';
import type { MatchRule } from './match-policy.ts';
import { isWithinSchedule, type Schedule } from './schedule.ts';

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
  | 'liveness-unknown'
  | 'challenge-open'
  | 'challenge-failed'
  | 'not-yet-valid'
  | 'expired'
  | 'outside-schedule'
  | 'schedule-unknown'
  | 'clock-untrusted'
  | 'passed-recently'
  | 'locked-out'
  | 'second-person-missing'
  | 'duress'
  | 'gallery-locked'
  | 'storage-failed'
  | 'door-failed'
  | 'model-changed';

/** What happened at this door lately. */
export interface DoorHistory {
  readonly passages: Passages;
  readonly lockOuts: LockOuts;
  readonly ready: ReadyPersons;
}

/** The state of the device that decisions depend on. */
export interface DecisionContext {
  readonly at: MonotonicMs;
  readonly time: TimeOfDecision;
  /** `partly-locked`: the damaged gallery of a group is left out. `locked`: none may be used (offline for too long). */
  readonly gallery: 'usable' | 'partly-locked' | 'locked';
  /** Some of the gallery's encodings are of another model and were left out. */
  readonly modelChanged: boolean;
  readonly rules: DoorRules;
  readonly history: DoorHistory;
  /** Null: the gallery does not know them. */
  person(personId: string): GalleryPerson | null;
  /** Null: the device does not know it. */
  schedule(scheduleId: string): Schedule | null;
}

/** Whose face it is about. */
export interface FaceSubject {
  readonly trackId: string;
  /** Who they claim to be (1:1), null: anybody (1:N). The votes were cast about the same question. */
  readonly claimedPersonId: string | null;
  /** Whom this presence is granted for already: a person who stays before the door does not pass twice. */
  readonly grantedPersonId: string | null;
  /** What this presence was asked to do, and as whom; null: nothing yet. */
  readonly challenge: { readonly personId: string; readonly state: ChallengeState } | null;
}

/** A decision about the face of one track. */
export interface FaceDecision {
  readonly outcome: DecisionOutcome;
  /** For `granted` and `denied`: who it is. For `spoof`: whom it looks like. With `challenge-open`: who is asked. */
  readonly personId: string | null;
  readonly claimedPersonId: string | null;
  readonly distance: number | null;
  readonly margin: number | null;
  readonly quality: number | null;
  /** Over the good frames of the track, 0–1; null where too few were measured. */
  readonly liveness: number | null;
  readonly reasons: readonly ReasonCode[];
}

/** Somebody whom the votes agree on, as the rules look at them. */
interface Candidate extends FaceSubject {
  readonly personId: string;
  readonly always: boolean;
  readonly access: PersonAccess;
}

/** One rule: why it refuses a person at this moment, null when it does not. No rule ever lets anybody in. */
type AccessRule = (candidate: Candidate, context: DecisionContext) => ReasonCode | null;

/** Every rule that a known person must pass alone, in the order in which people are told. */
const accessRules: readonly AccessRule[] = [refusedByDates, refusedBySchedule, refusedByPassage, refusedByLockOut];

/**
 * Decides about a face by the votes of its track. `not-evaluated` means: not yet, wait for more frames. Never `granted`
 * unless enough good frames agree on one person, the gallery may be used and every rule lets that person enter now.
 */
export function decideFace(
  votes: FaceVotes,
  rule: MatchRule,
  subject: FaceSubject,
  context: DecisionContext,
): FaceDecision {
  const { claimedPersonId } = subject;
  const liveness = fusedLiveness(votes, rule, context.at);
  const counted = tally(votes, rule, context.at);
  const decided = (vote: FaceVote | null, outcome: DecisionOutcome, reasons: readonly ReasonCode[]): FaceDecision => ({
    outcome,
    personId: vote?.personId ?? null,
    claimedPersonId,
    distance: vote?.distance ?? null,
    margin: vote?.margin ?? null,
    quality: vote?.quality ?? null,
    liveness,
    reasons,
  });
  if (counted.outcome === 'undecided') return decided(null, 'not-evaluated', [counted.reason]);
  const { vote } = counted;
  const { personId } = vote;
  // Negated: a NaN is not live.
  const isNotLive = liveness !== null && !(liveness >= context.rules.liveness.minimum);
  const { mode } = context.rules.liveness;
  if (mode === 'require' && isNotLive) return decided(vote, 'spoof', ['not-live']);
  const seemsNotLive = mode === 'report' && isNotLive ? (['not-live'] as const) : [];
  if (claimedPersonId !== null && personId !== claimedPersonId) {
    return decided({ ...vote, personId: null }, 'denied', ['claim-not-met', ...notMatched(vote), ...seemsNotLive]);
  }
  if (personId === null) {
    return decided(vote, 'unknown', [vote.reason, ...galleryReasons(context), ...seemsNotLive]);
  }
  if (mode === 'require' && liveness === null) return decided(null, 'not-evaluated', ['liveness-unknown']);
  const candidate = candidateOf(personId, subject, context);
  const refusals = candidate ? refusalsOf(candidate, context) : (['gallery-locked'] as const);
  if (refusals[0] === 'challenge-open') return decided(vote, 'not-evaluated', ['challenge-open']);
  if (refusals.length > 0) return decided(vote, 'denied', ['matched', ...refusals, ...seemsNotLive]);
  return decided(vote, 'granted', ['matched', ...remarksOf(candidate, context), ...seemsNotLive]);
}

/** A decision that was `granted`, after something failed that must not: the door stays shut for this reason. */
export function denyFor(decision: FaceDecision, reason: ReasonCode): FaceDecision {
  return { ...decision, outcome: 'denied', reasons: [...decision.reasons, reason] };
}

/** Whether somebody would be, or is, let in if only they come with another: what makes them a companion. */
export function isReady({ outcome, reasons }: FaceDecision): boolean {
  return outcome === 'granted' || (outcome === 'denied' && reasons.includes('second-person-missing'));
}

/**
 * The persons whose lock-out a decision counts for: a face that is not live or does not do what it is asked, and a claim that
 * is not met. Everything else is nobody's failure: strangers walk by, and residents come at the wrong time.
 */
export function failuresOf({ outcome, personId, claimedPersonId, reasons }: FaceDecision): readonly string[] {
  const imitated = outcome === 'spoof' || reasons.includes('challenge-failed') ? personId : null;
  const isFalseClaim = reasons.includes('claim-not-met') || (outcome === 'spoof' && claimedPersonId !== null);
  const keys = [imitated, ...(isFalseClaim ? [claimedPersonId, allClaims] : [])];
  return [...new Set(keys.filter((key) => key !== null))];
}

/**
 * Whether a decision is news to a reader of one presence's events: it has another outcome or person, and it does not
 * merely lose sight of a person (a turned head makes nobody a stranger; a gallery that changed does). A new claim is news, also
 * one of the same person again; that one is over is none while the outcome stays.
 * @param previous the presence's last decision that was told, null when there was none.
 * @param changed what is another one since then.
 */
export function isNews(
  previous: FaceDecision | null,
  next: FaceDecision,
  changed: { readonly gallery: boolean; readonly claim: boolean },
): boolean {
  if (next.outcome === 'not-evaluated') return false;
  if (previous === null) return true;
  if (next.claimedPersonId !== null && changed.claim) return true;
  if (previous.outcome === next.outcome && previous.personId === next.personId) return false;
  return next.outcome !== 'unknown' || changed.gallery;
}

function candidateOf(personId: string, subject: FaceSubject, context: DecisionContext): Candidate | null {
  const person = context.person(personId);
  return person && { ...subject, personId, always: person.always, access: person.access ?? freeAccess };
}

/** Why the device itself may not have known a face. */
function galleryReasons({ gallery, modelChanged }: DecisionContext): ReasonCode[] {
  return [
    ...(gallery !== 'usable' ? (['gallery-locked'] as const) : []),
    ...(modelChanged ? (['model-changed'] as const) : []),
  ];
}

function notMatched({ reason }: FaceVote): ReasonCode[] {
  return reason === 'matched' ? [] : [reason];
}

function refusalsOf(candidate: Candidate, context: DecisionContext): readonly ReasonCode[] {
  if (context.gallery === 'locked') return ['gallery-locked'];
  // A set: dates and schedule may both want the clock.
  const alone = new Set(accessRules.map((refusal) => refusal(candidate, context)).filter((reason) => reason !== null));
  if (alone.size > 0) return [...alone];
  const asked = refusedByChallenge(candidate, context);
  if (asked !== null) return [asked];
  return lacksCompanion(candidate, context) ? ['second-person-missing'] : [];
}

function refusedByDates({ access, always }: Candidate, { time }: DecisionContext): ReasonCode | null {
  return validityRefusal(access, always, time);
}

function refusedBySchedule({ access, always }: Candidate, context: DecisionContext): ReasonCode | null {
  if (access.scheduleId === null || always) return null;
  const schedule = context.schedule(access.scheduleId);
  if (schedule === null) return 'schedule-unknown';
  // A schedule cannot be kept by a clock that may be wrong, in either direction.
  if (!context.time.trusted) return 'clock-untrusted';
  return isWithinSchedule(schedule, context.time.now, context.rules.timeZone) ? null : 'outside-schedule';
}

function refusedByPassage(candidate: Candidate, context: DecisionContext): ReasonCode | null {
  return context.rules.antiPassback.mode === 'deny' && passedBefore(candidate, context) ? 'passed-recently' : null;
}

function refusedByLockOut({ personId, claimedPersonId }: Candidate, context: DecisionContext): ReasonCode | null {
  const { lockOuts } = context.history;
  const isLocked = (key: string) => isLockedOut(lockOuts, key, context.at, context.rules.lockOut);
  return isLocked(personId) || (claimedPersonId !== null && isLocked(allClaims)) ? 'locked-out' : null;
}

/** After the rules, so that nobody is asked who is not let in anyway; before the companion, so that no picture is one. */
function refusedByChallenge(
  { personId, challenge }: Candidate,
  { rules, at }: DecisionContext,
): 'challenge-open' | 'challenge-failed' | null {
  if (!rules.activeLiveness.required) return null;
  // Asked as somebody else: what they did says nothing of this person.
  if (challenge?.personId !== personId) return 'challenge-open';
  if (challenge.state.phase === 'failed') return 'challenge-failed';
  return isChallengeMet(challenge.state, at) ? null : 'challenge-open';
}

function lacksCompanion({ personId, trackId, access }: Candidate, context: DecisionContext): boolean {
  const { required, withinS } = context.rules.twoPerson;
  if (!required && !access.escorted) return false;
  const self = { personId, trackId, escorted: access.escorted, at: context.at };
  return !hasCompanion(context.history.ready, self, withinS * 1000);
}

function passedBefore({ personId, grantedPersonId }: Candidate, { rules, history, at }: DecisionContext): boolean {
  if (grantedPersonId === personId) return false;
  return hasPassed(history.passages, personId, at, rules.antiPassback.windowS * 1000);
}

/** What a grant says beside that. */
function remarksOf(candidate: Candidate | null, context: DecisionContext): ReasonCode[] {
  if (!candidate) return [];
  const isReported = context.rules.antiPassback.mode === 'report' && passedBefore(candidate, context);
  return [
    ...(isReported ? (['passed-recently'] as const) : []),
    ...(candidate.access.duress ? (['duress'] as const) : []),
  ];
}
