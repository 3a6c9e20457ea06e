import { type Box, type Encoding, squaredDistance } from '@latchkey/domain';
import { intersectionOverUnion } from '../detect/overlap.ts';
import { assign } from './assign.ts';
import { BoxMotion } from './box-motion.ts';
import type { KnownFace, PlannableFace } from './encoding-plan.ts';

/** Limits of {@link FaceTracker}. */
export interface TrackerOptions {
  /** Encodings further apart are two people, wherever they stand. The model's 1:1 threshold with some air. */
  readonly maxDistance: number;
  /** A new id for each track: a UUID. */
  readonly newTrackId: () => string;
}

/** What the tracker needs to know of a face. */
export interface TrackableFace extends PlannableFace {
  /** The detector's confidence, 0 … 1. */
  readonly score: number;
  /** Null: it was not encoded in this frame. */
  readonly encoding: Encoding | null;
}

/** A face and the presence that it belongs to. */
export interface TrackedFace<F extends TrackableFace> {
  readonly trackId: string;
  readonly face: F;
}

/** Faces of one frame by track, and tracks that ended with it. */
export interface TrackerUpdate<F extends TrackableFace> {
  readonly faces: readonly TrackedFace<F>[];
  readonly endedTrackIds: readonly string[];
}

/** Least overlap of a face with where a track expects it (the usual 0.3 of SORT, arXiv:1602.00763). */
const minOverlap = 0.3;
/** Elsewhere only a face this much nearer than the limit is the same: people move fast, their faces do not change. */
const strictShare = 0.7;
/** Within this time motion alone tells who it is; after a longer gap the encoding must. */
const followMs = 350;
/** Faces that the detector is less sure of go on with a track, but begin none (ByteTrack, arXiv:2110.06864). */
const minNewScore = 0.5;
/** A face that is never good enough to be encoded is told after so many frames; what flickers is not. */
const framesUntilTold = 3;
/**
 * When somebody was just lost, a new face that another one covers in part is told after this time at the earliest: it may be
 * who was lost, half behind the other, where encodings tell nothing.
 */
const holdCoveredMs = 400;
/** A track ends when its face is not seen for this long and in more than one frame: a head that turns away comes back. */
const lostAfterMs = 1_000;
const lostAfterFrames = 2;
/** Frames further apart leave too much room to trust motion: every face is encoded. */
const longestFrameGapMs = 250;
/** How often a face is encoded that nothing is decided about: two looks a tenth of a second apart are two views. */
const undecidedEveryMs = 100;
/** How often a face is encoded that all is said of: whoever took its place unseen is found out within this time. */
const decidedEveryMs = 500;
/** A view this much better than the best one so far is worth an encoding (0 … 100). */
const betterBy = 10;

/** One presence. */
interface Track {
  readonly trackId: string;
  readonly motion: BoxMotion;
  /** Not told before. */
  readonly heldUntilMs: number;
  /** Whether others know of it. */
  told: boolean;
  /** The last encoding, and the one of the best view. */
  encodings: { readonly last: Encoding; readonly best: Encoding; readonly bestQuality: number } | null;
  encodedMs: number;
  seenMs: number;
  frames: number;
  missedFrames: number;
}

/**
 * Follows faces from frame to frame, so that one presence is one track. Encodings come first: a face that was encoded goes
 * to the track that it looks like, and to none that it does not look like. Others are followed by motion. Who is lost for a
 * moment is found again; two people who change places keep their tracks.
 */
export class FaceTracker<F extends TrackableFace> {
  private readonly options: TrackerOptions;
  private tracks: Track[] = [];

  constructor(options: TrackerOptions) {
    this.options = options;
  }

  /**
   * The faces that need no encoding in the next frame. Those that come near each other do: motion alone may mix them up.
   * @param atMs time of that frame.
   * @param isDecided whether all is said of a track for now.
   */
  known(atMs: number, isDecided: (trackId: string) => boolean): KnownFace[] {
    const recent = this.tracks.filter(({ seenMs }) => atMs - seenMs <= longestFrameGapMs);
    const places = recent.map((track) => ({ track, box: track.motion.forecast(atMs) }));
    const known: KnownFace[] = [];
    for (const { track, box } of places) {
      if (!track.encodings) continue;
      const everyMs = isDecided(track.trackId) ? decidedEveryMs : undecidedEveryMs;
      const isDue = atMs - track.encodedMs >= everyMs;
      const isAlone = places.every((other) => other.track === track || intersectionOverUnion(other.box, box) === 0);
      if (!isDue && isAlone) known.push({ box, betterThan: track.encodings.bestQuality + betterBy });
    }
    return known;
  }

  /** @param atMs time of the frame on a clock that never goes back. */
  update(faces: readonly F[], atMs: number): TrackerUpdate<F> {
    const trackOf = this.match(faces, atMs);
    const matched = new Set(trackOf.values());
    for (const track of this.tracks) if (!matched.has(track)) track.missedFrames++;
    const followed: TrackedFace<F>[] = [];
    for (const face of faces) {
      const track = trackOf.get(face) ?? (face.score >= minNewScore ? this.begin(face, faces, atMs) : null);
      if (!track) continue;
      see(track, face, atMs);
      if (track.told) followed.push({ trackId: track.trackId, face });
    }
    return { faces: followed, endedTrackIds: this.endLost(atMs) };
  }

  private match(faces: readonly F[], atMs: number): Map<F, Track> {
    const trackOf = new Map<F, Track>();
    const places = new Map(this.tracks.map((track) => [track, track.motion.forecast(atMs)]));
    const pass = (candidates: readonly F[], score: (face: F, track: Track, place: Box) => number | null): void => {
      const matched = new Set(trackOf.values());
      const free = [...places].filter(([track]) => !matched.has(track));
      const open = candidates.filter((face) => !trackOf.has(face));
      const pairs = assign(open.map((face) => free.map(([track, place]) => score(face, track, place))));
      for (const [i, face] of open.entries()) {
        const track = free[pairs[i] ?? -1]?.[0];
        if (track) trackOf.set(face, track);
      }
    };
    const byMotion = (face: F, track: Track, place: Box): number | null => {
      const isCompared = face.encoding !== null && track.encodings !== null;
      const overlap = intersectionOverUnion(face.box, place);
      return !isCompared && atMs - track.seenMs <= followMs && overlap >= minOverlap ? overlap : null;
    };
    const sure = faces.filter(({ score }) => score >= minNewScore);
    pass(faces, (face, track, place) => (track.told ? this.likeness(face, track, place) : null));
    pass(faces, (face, track, place) => this.likeness(face, track, place));
    pass(sure, byMotion);
    pass(faces, byMotion);
    return trackOf;
  }

  /** How much a face is like a track's, > 0; null when they are two people, or nobody can tell. */
  private likeness({ box, encoding }: F, { encodings }: Track, place: Box): number | null {
    if (!encoding || !encodings) return null;
    const { maxDistance } = this.options;
    const apart = Math.sqrt(
      Math.min(...[encodings.last, encodings.best].map(({ values }) => squaredDistance(encoding.values, values))),
    );
    const overlap = intersectionOverUnion(box, place);
    const limit = maxDistance * (overlap >= minOverlap ? 1 : strictShare);
    // Negated, so that NaN is nobody. One more than needed, so that every score is above 0.
    return !(apart <= limit) ? null : 2 + overlap - apart / maxDistance;
  }

  private begin(face: F, faces: readonly F[], atMs: number): Track {
    const isSomebodyLost = this.tracks.some(({ told, missedFrames }) => told && missedFrames > 0);
    const isCovered = faces.some((other) => other !== face && intersectionOverUnion(other.box, face.box) > 0);
    const track: Track = {
      trackId: this.options.newTrackId(),
      motion: new BoxMotion(face.box, atMs),
      heldUntilMs: isSomebodyLost && isCovered ? atMs + holdCoveredMs : atMs,
      told: false,
      encodings: null,
      encodedMs: Number.NEGATIVE_INFINITY,
      seenMs: atMs,
      frames: 0,
      missedFrames: 0,
    };
    this.tracks.push(track);
    return track;
  }

  private endLost(atMs: number): string[] {
    const isLost = (track: Track) =>
      track.told ? track.missedFrames >= lostAfterFrames && atMs - track.seenMs >= lostAfterMs : track.missedFrames > 0;
    const ended = this.tracks.filter((track) => track.told && isLost(track)).map(({ trackId }) => trackId);
    this.tracks = this.tracks.filter((track) => !isLost(track));
    return ended;
  }
}

function see(track: Track, { box, encoding, quality }: TrackableFace, atMs: number): void {
  track.motion.measure(box, atMs);
  track.seenMs = atMs;
  track.frames++;
  track.missedFrames = 0;
  if (encoding) {
    track.encodedMs = atMs;
    const best = track.encodings;
    track.encodings =
      best && best.bestQuality >= quality.score
        ? { ...best, last: encoding }
        : { last: encoding, best: encoding, bestQuality: quality.score };
  }
  track.told ||= atMs >= track.heldUntilMs && (track.encodings !== null || track.frames >= framesUntilTold);
}
