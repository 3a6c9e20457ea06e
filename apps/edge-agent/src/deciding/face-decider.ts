import type { DoorPolicyConfig } from '@latchkey/contracts';
import {
  type Clock,
  type DecisionContext,
  decideFace,
  denyFor,
  type FaceDecision,
  type Frame,
  isLatchkeyError,
  isNews,
  judgeNearest,
  type MatchRule,
  matchRuleOf,
} from '@latchkey/domain';
import { cropJpeg, type EncoderCard, type FaceObservation } from '@latchkey/vision';
import type { Logger } from 'pino';
import type { DoorDriver } from '../door/door-driver.ts';
import type { EventRecorder } from '../events/event-recorder.ts';
import type { RecognitionGallery } from '../gallery/live-gallery.ts';
import { FaceTracker } from '../tracking/face-tracker.ts';
import { faceBodyOf, kindOf } from './face-body.ts';
import { type FaceSighting, Presence } from './presence.ts';

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
  readonly clockTrusted: () => boolean;
  readonly clock: Clock;
  readonly newId: () => string;
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
  private readonly tracker: FaceTracker<FaceObservation>;
  private readonly presences = new Map<string, Presence>();

  constructor(options: FaceDeciderOptions) {
    this.options = options;
    this.tracker = new FaceTracker({
      maxDistance: options.model.maxDistance * trackDistanceShare,
      newTrackId: options.newId,
    });
  }

  /** Takes the faces of one frame. Frames come one after another. */
  async handle(frame: Frame, faces: readonly FaceObservation[]): Promise<void> {
    const rule = matchRuleOf(this.options.doorPolicy(), this.options.model);
    const { faces: followed, endedTrackIds } = this.tracker.update(faces, this.options.clock.monotonicMs());
    for (const { trackId, face } of followed) await this.look(this.presenceOf(trackId), { frame, face }, rule);
    for (const trackId of endedTrackIds) await this.end(trackId, rule);
  }

  private presenceOf(trackId: string): Presence {
    const presence = this.presences.get(trackId) ?? new Presence(trackId);
    this.presences.set(trackId, presence);
    return presence;
  }

  private async look(presence: Presence, sighting: FaceSighting, rule: MatchRule): Promise<void> {
    const { gallery, clock } = this.options;
    const { generation } = gallery;
    const { encoding, quality } = sighting.face;
    const match = judgeNearest(gallery.nearest(encoding), rule);
    const votes = presence.vote(sighting, { ...match, quality: quality.score }, rule, generation);
    const decision = decideFace(votes, rule, this.context());
    if (!isNews(presence.told, decision, presence.galleryChanged) || clock.monotonicMs() < presence.retryAtMs) return;
    const decidedAt = clock.monotonicMs();
    const thumbnail = await this.thumbnailOf(sighting);
    // Somebody may have been removed while the picture was made; the next frame decides by the gallery of then.
    if (gallery.generation !== generation) return;
    if (!this.write(presence, decision, sighting, rule, thumbnail)) return;
    if (decision.outcome === 'granted' && decision.personId !== null) {
      this.options.door.grant({ decidedAt, trackId: presence.trackId, personId: decision.personId });
    }
    this.options.onDecided(clock.now() - sighting.frame.capturedAt);
  }

  /** A presence that ended without a decision is told too: somebody stood there whom the device could not judge. */
  private async end(trackId: string, rule: MatchRule): Promise<void> {
    const presence = this.presences.get(trackId);
    this.presences.delete(trackId);
    if (!presence?.best || presence.frames < rule.votesNeeded) return;
    const { best } = presence;
    const reasons = [best.face.quality.score < rule.minQuality ? ('low-quality' as const) : ('few-votes' as const)];
    const decision: FaceDecision = {
      outcome: 'not-evaluated',
      personId: null,
      distance: null,
      margin: null,
      quality: best.face.quality.score,
      reasons,
    };
    this.write(presence, decision, best, rule, await this.thumbnailOf(best));
  }

  private context(): DecisionContext {
    const { gallery, clockTrusted } = this.options;
    return {
      clockTrusted: clockTrusted(),
      gallery: gallery.partlyLocked ? 'partly-locked' : 'usable',
      modelChanged: gallery.modelChanged,
      // Nobody has a schedule yet: whoever is in the gallery may enter at any time.
      admission: (personId) => ({ always: gallery.person(personId)?.always ?? false, withinSchedule: null }),
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
    const { gallery, recorder, newId, clock, logger } = this.options;
    const { trackId } = presence;
    const { personId } = decision;
    try {
      const body = faceBodyOf({
        decision,
        face,
        trackId,
        maxDistance: rule.maxDistance,
        galleryRevision: gallery.revisionFor(personId),
        snapshotId: thumbnail && newId(),
        cameraId: frame.cameraId,
      });
      recorder.record(kindOf(decision), body, thumbnail);
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
    { outcome, personId, distance, margin, quality, reasons }: FaceDecision,
    trackId: string,
    source: string,
  ) {
    // No name: logs outlive an erasure.
    this.options.logger.info(
      { decision: outcome, personId, distance, margin, quality, reasons, trackId, source },
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
