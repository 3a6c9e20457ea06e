import type { DoorPolicyConfig } from '@latchkey/contracts';
import {
  type Clock,
  type DecisionContext,
  type DoorRules,
  decideFace,
  denyFor,
  type Encoding,
  type FaceDecision,
  type FaceMatch,
  type FaceVotes,
  type Frame,
  freeAccess,
  isLatchkeyError,
  isNews,
  isRestPosture,
  judgeClaim,
  judgeNearest,
  type MatchRule,
  type MonotonicMs,
  matchRuleOf,
  type Schedule,
  type TimeOfDecision,
} from '@latchkey/domain';
import { cropJpeg, type EncoderCard, type EncodingPlan, FaceTracker, type SeenFace } from '@latchkey/vision';
import type { Logger } from 'pino';
import type { DoorDriver } from '../door/door-driver.ts';
import type { EventRecorder } from '../events/event-recorder.ts';
import type { RecognitionGallery } from '../gallery/live-gallery.ts';
import { AskedChallenge, postureOfFace } from './asked-challenge.ts';
import type { ClaimDesk } from './claim-desk.ts';
import type { DoorMemory } from './door-memory.ts';
import { faceBodyOf, kindOf } from './face-body.ts';
import { type FaceSighting, Presence, type SeenPresence, type VotingQuestion } from './presence.ts';

/** Largest picture of an event (DESIGN.md §4). */
const thumbnailMaxBytes = 12 * 1024;
/** The 1:1 threshold with a fifth of air: frames of one face differ less than pictures of it. */
const trackDistanceShare = 1.2;
const storageRetryMs = 1_000;

/** Options of {@link FaceDecider}. */
export interface FaceDeciderOptions {
  readonly model: EncoderCard;
  readonly gallery: RecognitionGallery;
  readonly recorder: EventRecorder;
  readonly door: Pick<DoorDriver, 'grant'>;
  readonly doorPolicy: () => DoorPolicyConfig;
  /** A schedule by its id, null when the device does not know it. */
  readonly schedule: (scheduleId: string) => Schedule | null;
  /** Shared by all cameras of the door. */
  readonly memory: DoorMemory;
  readonly claims: ClaimDesk;
  /** Whether central has not answered for too long to recognise anybody. */
  readonly isLocked: () => boolean;
  readonly time: () => TimeOfDecision;
  readonly clock: Clock;
  readonly newId: () => string;
  /** 0 (inclusive) … 1 (exclusive), that nobody can foresee: which movement is asked for. */
  readonly chance: () => number;
  /** Told how long after its capture a frame led to a decision. */
  readonly onDecided: (latencyMs: number) => void;
  readonly logger: Logger;
}

/**
 * From faces to events and the door: follows each face, lets its frames vote, and when that makes news writes one event
 * with its picture. Only when the event is on disk does a grant reach the door (DESIGN.md §5).
 */
export class FaceDecider {
  private readonly options: FaceDeciderOptions;
  private readonly tracker: FaceTracker<SeenFace>;
  private readonly presences = new Map<string, Presence>();

  constructor(options: FaceDeciderOptions) {
    this.options = options;
    this.tracker = new FaceTracker({
      maxDistance: options.model.maxDistance * trackDistanceShare,
      newTrackId: options.newId,
    });
  }

  /** Which faces are worth an encoding in a frame that is to be analysed. */
  plan({ capturedMonotonicMs }: Frame): EncodingPlan {
    const { gallery, claims, doorPolicy, model } = this.options;
    const question = { generation: gallery.generation, claim: claims.claim };
    return {
      known: this.tracker.known(capturedMonotonicMs, (id) => this.presences.get(id)?.isSettled(question) ?? false),
      minQuality: matchRuleOf(doorPolicy(), model).minQuality,
    };
  }

  /**
   * Takes the faces of one frame, encoded or not. Frames come one after another.
   * @returns the faces that are followed, and what was told of them.
   */
  async handle(frame: Frame, faces: readonly SeenFace[]): Promise<readonly SeenPresence[]> {
    const rule = matchRuleOf(this.options.doorPolicy(), this.options.model);
    const { faces: followed, endedTrackIds } = this.tracker.update(faces, frame.capturedMonotonicMs);
    for (const { trackId, face } of followed) await this.look(this.presenceOf(trackId), { frame, face }, rule);
    for (const trackId of endedTrackIds) await this.end(trackId, rule);
    return followed.map(({ trackId, face: { box } }) => {
      const { told = null, challenge = null } = this.presences.get(trackId) ?? {};
      return { box, told, prompt: challenge?.prompt ?? null };
    });
  }

  private presenceOf(trackId: string): Presence {
    const presence = this.presences.get(trackId) ?? new Presence(trackId);
    this.presences.set(trackId, presence);
    return presence;
  }

  private async look(presence: Presence, sighting: FaceSighting, rule: MatchRule): Promise<void> {
    const { gallery, clock, claims } = this.options;
    const question = { generation: gallery.generation, claim: claims.claim };
    const { encoding } = sighting.face;
    const match = encoding && this.judge(encoding, question.claim?.personId ?? null, rule);
    const isAsked = this.answer(presence, sighting, question, match?.personId ?? null);
    if (match === null && !isAsked) {
      presence.notice(sighting);
      return;
    }
    const votes = this.votesOf(presence, sighting, match, rule, question);
    const decision = this.decide(presence, votes, rule, question);
    presence.waitingFor = decision.reasons[0] ?? presence.waitingFor;
    if (presence.waitingFor === 'challenge-open') this.ask(presence, sighting, decision, question);
    if (!isNews(presence.told, decision, presence.changed) || clock.monotonicMs() < presence.retryAtMs) return;
    const thumbnail = await this.thumbnailOf(sighting);
    // While the picture was made somebody may have been removed, or let in before another camera; the next frame decides then.
    if (gallery.generation !== question.generation || claims.claim !== question.claim) return;
    const final = this.decide(presence, votes, rule, question);
    if (final.outcome !== decision.outcome || final.personId !== decision.personId) return;
    const decidedAt = clock.monotonicMs();
    if (!this.write(presence, final, sighting, rule, thumbnail)) return;
    // Whoever comes next made no claim.
    if (final.outcome === 'granted' && question.claim) claims.withdraw(question.claim);
    if (final.outcome === 'granted') void this.open(presence, final, decidedAt);
    this.options.onDecided(clock.now() - sighting.frame.capturedAt);
  }

  /** Has the door opened for a grant that is on disk; if it does not open, nobody has passed, and whoever still stands there may. */
  private async open(presence: Presence, granted: FaceDecision, decidedAt: MonotonicMs): Promise<void> {
    const { door, memory, clock } = this.options;
    const { personId } = granted;
    if (personId === null) return;
    const { trackId } = presence;
    if ((await door.grant({ decidedAt, origin: 'recognition', trackId, personId })) === 'opened') return;
    memory.takeBack(personId);
    presence.doorFailed(granted, clock.monotonicMs());
  }

  /** @returns whether something was asked of the presence, so that this frame may have ended it. */
  private answer(
    presence: Presence,
    sighting: FaceSighting,
    question: VotingQuestion,
    personId: string | null,
  ): boolean {
    if (presence.challenge?.isAbout(question) === false) presence.challenge = null;
    if (!presence.challenge?.isOpen) return false;
    presence.challenge.see(sighting, personId);
    return true;
  }

  /** The votes with this frame, if it was encoded; a face that moves as it was asked to is not held against itself. */
  private votesOf(
    presence: Presence,
    sighting: FaceSighting,
    match: FaceMatch | null,
    rule: MatchRule,
    question: VotingQuestion,
  ): FaceVotes {
    const { face, frame } = sighting;
    const posture = presence.challenge?.isOpen ? postureOfFace(face) : null;
    if (match === null || (posture && !isRestPosture(posture))) {
      presence.notice(sighting);
      return presence.votes;
    }
    const at = frame.capturedMonotonicMs;
    const vote = { ...match, quality: face.quality.score, liveness: face.liveness?.score ?? null, at };
    return presence.vote(sighting, vote, rule, question);
  }

  /** Asks a presence to move, once about each question and person; who waits too long for a second person is asked again. */
  private ask(presence: Presence, sighting: FaceSighting, { personId }: FaceDecision, question: VotingQuestion): void {
    const { clock, chance, recorder, logger } = this.options;
    if (personId === null || presence.isGranted(personId, question)) return;
    if (presence.challenge?.personId === personId && presence.challenge.isOpen) return;
    const { trackId } = presence;
    const challenge = new AskedChallenge(personId, question, sighting, { chance: chance(), at: clock.monotonicMs() });
    presence.challenge = challenge;
    const { kind } = challenge.state;
    recorder.note('door', { action: 'asked', challenge: kind, trackId, personId, reasons: ['challenge-open'] });
    logger.info({ challenge: kind, trackId, personId }, 'asked to move');
  }

  private judge(encoding: Encoding, claimedPersonId: string | null, rule: MatchRule): FaceMatch {
    const { gallery } = this.options;
    return claimedPersonId === null
      ? judgeNearest(gallery.nearest(encoding), rule)
      : judgeClaim(claimedPersonId, gallery.distanceTo(claimedPersonId, encoding), rule);
  }

  /** Decides by what is known now, and remembers who only lacks a second person. */
  private decide(presence: Presence, votes: FaceVotes, rule: MatchRule, question: VotingQuestion): FaceDecision {
    const { gallery, memory, doorPolicy } = this.options;
    const { trackId, grantedPersonId, challenge } = presence;
    const { rules } = doorPolicy();
    const subject = { trackId, claimedPersonId: question.claim?.personId ?? null, grantedPersonId, challenge };
    const decision = decideFace(votes, rule, subject, this.context(rules, question.generation));
    const { access = freeAccess } = (decision.personId && gallery.person(decision.personId)) || {};
    memory.noteReady(decision, trackId, access.escorted, rules);
    return decision;
  }

  /** A presence that ended without a decision is told too: somebody stood there whom the device could not judge. */
  private async end(trackId: string, rule: MatchRule): Promise<void> {
    const presence = this.presences.get(trackId);
    this.presences.delete(trackId);
    if (presence?.challenge?.isOpen) return this.endAsked(presence, presence.challenge, rule);
    if (!presence?.best || presence.frames < rule.votesNeeded) return;
    const { best } = presence;
    const decision: FaceDecision = {
      outcome: 'not-evaluated',
      personId: null,
      claimedPersonId: null,
      distance: null,
      margin: null,
      quality: best.face.quality.score,
      liveness: null,
      reasons: [best.face.quality.score < rule.minQuality ? 'low-quality' : presence.waitingFor],
    };
    this.write(presence, decision, best, rule, await this.thumbnailOf(best));
  }

  /** Somebody left instead of doing what they were asked: the log has a refusal of it. */
  private async endAsked(presence: Presence, asked: AskedChallenge, rule: MatchRule): Promise<void> {
    const { personId, claimedPersonId, sighting } = asked;
    const decision: FaceDecision = {
      outcome: 'denied',
      personId,
      claimedPersonId,
      distance: null,
      margin: null,
      quality: sighting.face.quality.score,
      liveness: null,
      reasons: ['matched', 'challenge-failed'],
    };
    this.write(presence, decision, sighting, rule, await this.thumbnailOf(sighting));
  }

  private context(rules: DoorRules, generation: number): DecisionContext {
    const { gallery, memory, time, schedule, clock } = this.options;
    return {
      at: clock.monotonicMs(),
      time: time(),
      gallery: this.options.isLocked() ? 'locked' : gallery.partlyLocked ? 'partly-locked' : 'usable',
      modelChanged: gallery.modelChanged,
      rules,
      history: memory.history(generation),
      person: (personId) => gallery.person(personId),
      schedule,
    };
  }

  /** @returns whether the event is on disk; if not, the door stays shut and the next frames try again. */
  private write(
    presence: Presence,
    decision: FaceDecision,
    { frame, face }: FaceSighting,
    rule: MatchRule,
    thumbnail: Uint8Array | null,
  ): boolean {
    const { model, gallery, recorder, newId, clock, logger, memory, doorPolicy } = this.options;
    const { trackId } = presence;
    const { personId } = decision;
    try {
      const makeItCount = memory.keep(decision, doorPolicy().rules);
      const body = faceBodyOf({
        decision,
        face,
        modelId: model.id,
        trackId,
        maxDistance: decision.claimedPersonId === null ? rule.maxDistance : rule.claimMaxDistance,
        galleryRevision: gallery.revisionFor(personId),
        snapshotId: thumbnail && newId(),
        cameraId: frame.cameraId,
      });
      recorder.record(kindOf(decision), body, thumbnail);
      makeItCount();
      if (decision.reasons.includes('duress')) {
        recorder.note('door', { action: 'duress', trackId, personId, reasons: ['duress'] });
      }
      presence.tell(decision);
      this.log(decision, trackId, frame.source);
      return true;
    } catch (error) {
      presence.retryAtMs = clock.monotonicMs() + storageRetryMs;
      const code = isLatchkeyError(error) ? error.code : 'internal';
      logger.error({ code, error }, 'the event could not be written; the door stays shut');
      this.log(denyFor(decision, 'storage-failed'), trackId, frame.source);
      return false;
    }
  }

  private log(
    { outcome, personId, claimedPersonId, distance, margin, quality, liveness, reasons }: FaceDecision,
    trackId: string,
    source: string,
  ) {
    // No name: logs outlive an erasure. No silent alarm: whoever threatens may read along.
    const told = reasons.filter((reason) => reason !== 'duress');
    this.options.logger.info(
      {
        decision: outcome,
        personId,
        claimedPersonId,
        distance,
        margin,
        quality,
        liveness,
        reasons: told,
        trackId,
        source,
      },
      'decision',
    );
  }

  private async thumbnailOf({ frame, face }: FaceSighting): Promise<Uint8Array | null> {
    try {
      return await cropJpeg(frame.image, face.box, { maxBytes: thumbnailMaxBytes });
    } catch (error) {
      this.options.logger.error({ error, source: frame.source }, 'no picture of the face could be made');
      return null;
    }
  }
}
