import {
  type Box,
  type ChallengeKind,
  castVote,
  denyFor,
  type FaceDecision,
  type FaceVote,
  type FaceVotes,
  type Frame,
  type MatchRule,
  type MonotonicMs,
  noVotes,
  type ReasonCode,
} from '@latchkey/domain';
import type { SeenFace } from '@latchkey/vision';
import type { AskedChallenge } from './asked-challenge.ts';
import type { Claim } from './claim-desk.ts';

/** Whoever still stands before a door that did not open is let in anew after this; a relay that is broken is asked ever less often. */
const doorRetryMs = 2_000;
const maxDoorRetryMs = 30_000;

/** A face in the frame that it was seen in. */
export interface FaceSighting {
  readonly frame: Frame;
  readonly face: SeenFace;
}

/** A face in a frame and what was told of its presence; null: nothing yet. */
export interface SeenPresence {
  readonly box: Box;
  readonly told: FaceDecision | null;
  /** What the person is asked to do now, null: nothing. */
  readonly prompt: ChallengeKind | null;
}

/** What votes are cast about: with another gallery, or another claim, they would say something else. */
export interface VotingQuestion {
  readonly generation: number;
  readonly claim: Claim | null;
}

/** One presence of one face before the camera: its votes so far and what was told of it. */
export class Presence {
  readonly trackId: string;
  /** What the log has of it, null when nothing. */
  told: FaceDecision | null = null;
  frames = 0;
  /** The best sighting while nothing is told, for the event that tells in the end that nothing could be decided. */
  best: FaceSighting | null = null;
  /** Not before this time on the monotonic clock is a failed event tried again. */
  retryAtMs = 0;
  /** Why nothing could be decided at the last frame. */
  waitingFor: ReasonCode = 'few-votes';
  /** What it was asked to do, null: nothing yet. */
  challenge: AskedChallenge | null = null;
  /** The votes so far, about what was last voted on. */
  votes: FaceVotes = noVotes;
  private doorFailures = 0;
  private generation: number | null = null;
  private claim: Claim | null = null;
  private generationTold: number | null = null;
  private claimTold: Claim | null = null;

  constructor(trackId: string) {
    this.trackId = trackId;
  }

  /**
   * The votes with one more frame. Votes were cast on a gallery and about a claim: when these have changed they start anew,
   * so that nobody who was removed is let in on older frames.
   */
  vote(sighting: FaceSighting, vote: FaceVote, rule: MatchRule, { generation, claim }: VotingQuestion): FaceVotes {
    if (this.generation !== generation || this.claim !== claim) this.votes = noVotes;
    this.generation = generation;
    this.claim = claim;
    this.votes = castVote(this.votes, vote, rule);
    this.notice(sighting);
    return this.votes;
  }

  /** It was seen again. */
  notice(sighting: FaceSighting): void {
    this.frames++;
    const best = this.best?.face.quality.score ?? -1;
    if (this.told === null && best < sighting.face.quality.score) this.best = sighting;
  }

  /** Whether all is told that there is to say about a question. */
  isSettled({ generation, claim }: VotingQuestion): boolean {
    if (this.challenge?.isOpen) return false;
    const isTold = this.told !== null && this.claimTold === claim;
    // A claim that was granted is over; its person still stands there.
    const isOver = claim === null && this.grantedPersonId !== null;
    return (isTold || isOver) && this.generationTold === generation;
  }

  /** What is another one since something was told. */
  get changed(): { readonly gallery: boolean; readonly claim: boolean } {
    return { gallery: this.generationTold !== this.generation, claim: this.claimTold !== this.claim };
  }

  /** Whom it was let in as; null when it was not, or something else was told since. */
  get grantedPersonId(): string | null {
    return this.told?.outcome === 'granted' ? this.told.personId : null;
  }

  /** Whether it was let in as somebody, on this very claim if there is one: there is nothing more to ask. */
  isGranted(personId: string, { claim }: VotingQuestion): boolean {
    return this.grantedPersonId === personId && (claim === null || this.claimTold === claim);
  }

  /** A decision is in the log. */
  tell(decision: FaceDecision): void {
    this.told = decision;
    this.generationTold = this.generation;
    this.claimTold = this.claim;
    this.best = null;
    // What was done for one grant opens no second time.
    if (decision.outcome === 'granted') this.challenge = null;
  }

  /**
   * The door did not open for a grant: it is not settled any more, and if it still stands it is granted anew, after a pause that
   * doubles each time.
   * @param at now, on the monotonic clock.
   */
  doorFailed(granted: FaceDecision, at: MonotonicMs): void {
    if (this.told !== granted) return;
    this.told = denyFor(granted, 'door-failed');
    this.generationTold = null;
    this.retryAtMs = at + Math.min(maxDoorRetryMs, doorRetryMs * 2 ** this.doorFailures++);
  }
}
