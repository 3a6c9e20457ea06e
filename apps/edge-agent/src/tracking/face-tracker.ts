import { type Box, type Encoding, squaredDistance } from '@latchkey/domain';

/** Limits of {@link FaceTracker}. */
export interface TrackerOptions {
  /** Encodings further apart are two people, wherever they stand. The model's 1:1 threshold with some air. */
  readonly maxDistance: number;
  /** A new id for each track: a UUID. */
  readonly newTrackId: () => string;
}

/** What the tracker needs to know of a face. */
export interface TrackableFace {
  readonly box: Box;
  readonly encoding: Encoding;
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

interface Track {
  readonly trackId: string;
  face: TrackableFace;
  seenMs: number;
  missedFrames: number;
}

/** Least overlap of a face's boxes in two frames (the usual 0.3 of SORT, Bewley 2016). */
const minOverlap = 0.3;
/** Without overlap only a face this much nearer than the limit is the same: people move fast, their faces do not change. */
const strictShare = 0.7;
/** A track ends when its face is not seen for this long and in more than one frame: a detector blinks, people do not. */
const lostAfterMs = 350;
const lostAfterFrames = 2;

/**
 * Follows faces from frame to frame, so that one presence is one track: by the overlap of their boxes and by the
 * distance of their encodings, best pairs first. Two people who change places get tracks of their own.
 */
export class FaceTracker<F extends TrackableFace> {
  private readonly options: TrackerOptions;
  private tracks: Track[] = [];

  constructor(options: TrackerOptions) {
    this.options = options;
  }

  /** @param atMs time of the frame on a clock that never goes back. */
  update(faces: readonly F[], atMs: number): TrackerUpdate<F> {
    const pairs = this.pairsOf(faces);
    const trackOf = new Map<F, Track>();
    const taken = new Set<Track>();
    for (const { face, track } of pairs) {
      if (trackOf.has(face) || taken.has(track)) continue;
      trackOf.set(face, track);
      taken.add(track);
    }
    for (const track of this.tracks) if (!taken.has(track)) track.missedFrames++;
    const followed = faces.map((face) => {
      const track = trackOf.get(face) ?? this.begin(face, atMs);
      track.face = face;
      track.seenMs = atMs;
      track.missedFrames = 0;
      return { trackId: track.trackId, face };
    });
    return { faces: followed, endedTrackIds: this.endLost(atMs) };
  }

  private begin(face: F, atMs: number): Track {
    const track = { trackId: this.options.newTrackId(), face, seenMs: atMs, missedFrames: 0 };
    this.tracks.push(track);
    return track;
  }

  private endLost(atMs: number): string[] {
    const isLost = ({ seenMs, missedFrames }: Track) => missedFrames >= lostAfterFrames && atMs - seenMs >= lostAfterMs;
    const ended = this.tracks.filter(isLost).map(({ trackId }) => trackId);
    this.tracks = this.tracks.filter((track) => !isLost(track));
    return ended;
  }

  private pairsOf(faces: readonly F[]): { face: F; track: Track }[] {
    const pairs: { face: F; track: Track; score: number }[] = [];
    for (const face of faces) {
      for (const track of this.tracks) {
        const apart = Math.sqrt(squaredDistance(face.encoding.values, track.face.encoding.values));
        const shared = overlap(face.box, track.face.box);
        const limit = this.options.maxDistance * (shared >= minOverlap ? 1 : strictShare);
        if (apart <= limit) pairs.push({ face, track, score: shared - apart / this.options.maxDistance });
      }
    }
    return pairs.sort((a, b) => b.score - a.score);
  }
}

/** Intersection over union of two boxes, 0–1. */
export function overlap(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / (a.width * a.height + b.width * b.height - shared);
}
