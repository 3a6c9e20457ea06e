import type { MonotonicMs } from './door-machine.ts';

/** What a person may be asked to do. Left and right are the person's own. */
export const challengeKinds = ['blink', 'turn-left', 'turn-right'] as const;
export type ChallengeKind = (typeof challengeKinds)[number];

/** How long a person has, from the prompt on. */
export const challengeMs = 5_000;

/** Eyes and head of one face in one frame. */
export interface FacePosture {
  /**
   * Eye aspect ratio, the mean of both eyes: about 0.3 open, below 0.2 closed (Soukupová & Čech 2016, figure 1). Null where
   * the points do not show it.
   */
  readonly eyeAspectRatio: number | null;
  /** −1 … 1: 0 looks into the camera, above 0 is turned to the person's left. */
  readonly yaw: number;
}

/** What happened to a challenge. */
export type ChallengeEvent =
  | {
      readonly type: 'face';
      readonly at: MonotonicMs;
      readonly posture: FacePosture;
      /** Whether this very frame shows the face of the person who is asked: a movement between two of theirs is theirs. */
      readonly isAsked: boolean;
    }
  | { readonly type: 'track-lost'; readonly at: MonotonicMs }
  | { readonly type: 'tick'; readonly at: MonotonicMs };

/** Why a challenge was not met. */
export type ChallengeFailure = 'timeout' | 'track-lost' | 'wrong-way';

interface OpenChallenge {
  readonly phase: 'prompted' | 'ready' | 'moved';
  readonly kind: ChallengeKind;
  readonly since: MonotonicMs;
  /** Capture time of the newest frame that counted; older ones, and that one again, say nothing. */
  readonly seenAt: MonotonicMs;
}

/**
 * Where a challenge is. It ends once, and never is met without having been at rest before and after: `prompted` waits until
 * the person looks into the camera with open eyes, `ready` waits for the movement, `moved` for rest again.
 */
export type ChallengeState =
  | OpenChallenge
  | { readonly phase: 'met'; readonly kind: ChallengeKind; readonly at: MonotonicMs }
  | { readonly phase: 'failed'; readonly kind: ChallengeKind; readonly why: ChallengeFailure };

/** 0.2: threshold of closed eyes in Soukupová & Čech 2016, §4. Between both an eye keeps the state that it had. */
const closedBelow = 0.2;
const openFrom = 0.24;
/** Of the distance between the edges of the face; about 10° and 25° of a head whose nose stands out by a fifth of its width. */
const frontalWithin = 0.15;
const turnedFrom = 0.35;

/**
 * How long a challenge that was met counts: as long as a good frame (`voteMaxAgeMs`). Who waits for a second person longer
 * than that is asked again.
 */
export const challengeHoldsMs = 10_000;

/** Turns alone: what a detector with five points can show. */
const turnKinds: readonly ChallengeKind[] = ['turn-left', 'turn-right'];

/**
 * A new challenge of one track.
 * @param chance 0 (inclusive) … 1 (exclusive), from a generator that nobody can foresee: a film of a movement must not fit.
 * @param showsEyes whether frames tell open eyes from closed ones (68 points); otherwise only turns are asked for.
 */
export function startChallenge(chance: number, at: MonotonicMs, showsEyes = true): ChallengeState {
  const kinds = showsEyes ? challengeKinds : turnKinds;
  const kind = kinds[Math.floor(chance * kinds.length)] ?? 'turn-left';
  return { phase: 'prompted', kind, since: at, seenAt: at };
}

/** Whether a challenge waits for somebody to do something. */
export function isOpenChallenge(state: ChallengeState): boolean {
  return state.phase !== 'met' && state.phase !== 'failed';
}

/** Whether a challenge was met, and so lately that it still says who stands there. */
export function isChallengeMet(state: ChallengeState, at: MonotonicMs): boolean {
  return state.phase === 'met' && at - state.at >= 0 && at - state.at <= challengeHoldsMs;
}

/** Next state of a challenge. Total: a challenge that ended stays as it is. */
export function stepChallenge(state: ChallengeState, event: ChallengeEvent): ChallengeState {
  if (state.phase === 'met' || state.phase === 'failed') return state;
  const { kind, since } = state;
  // Negated: a clock that gives no number runs out.
  if (!(event.at - since <= challengeMs)) return { phase: 'failed', kind, why: 'timeout' };
  if (event.type === 'track-lost') return { phase: 'failed', kind, why: 'track-lost' };
  if (event.type === 'tick') return state;
  // Frames of before the prompt answer nothing, and a frame counts once.
  if (!(event.at > state.seenAt)) return state;
  const next = { ...state, seenAt: event.at };
  const isAtRest = event.isAsked && isRestPosture(event.posture);
  switch (state.phase) {
    case 'prompted':
      return isAtRest ? { ...next, phase: 'ready' } : next;
    case 'ready':
      return kind === 'blink' ? blinked(next, event.posture) : turned(next, event.posture.yaw);
    case 'moved':
      return isAtRest ? { phase: 'met', kind, at: event.at } : next;
  }
}

/** Whether a face looks into the camera with open eyes. */
export function isRestPosture({ eyeAspectRatio, yaw }: FacePosture): boolean {
  return (eyeAspectRatio === null || eyeAspectRatio >= openFrom) && Math.abs(yaw) <= frontalWithin;
}

function blinked(state: OpenChallenge, { eyeAspectRatio, yaw }: FacePosture): ChallengeState {
  // Eyes of a turned head seem narrower than they are.
  const isClosed = eyeAspectRatio !== null && eyeAspectRatio < closedBelow && Math.abs(yaw) <= frontalWithin;
  return isClosed ? { ...state, phase: 'moved' } : state;
}

function turned(state: OpenChallenge, yaw: number): ChallengeState {
  const { kind } = state;
  const towards = kind === 'turn-left' ? yaw : -yaw;
  if (towards >= turnedFrom) return { ...state, phase: 'moved' };
  // A film that shows every turn meets each challenge; a person who listens goes the right way first.
  return towards <= -turnedFrom ? { phase: 'failed', kind, why: 'wrong-way' } : state;
}

/**
 * Eyes and head out of landmarks.
 * @param landmarks 136 values x, y: 68 points in iBUG 300-W order, in pixels of a picture that is not mirrored.
 * @returns null when the points do not make a face.
 */
export function postureOf(landmarks: ArrayLike<number>): FacePosture | null {
  const rightEye = aspectRatio(landmarks, 36);
  const leftEye = aspectRatio(landmarks, 42);
  const yaw = yawOf(landmarks);
  const eyeAspectRatio = (rightEye + leftEye) / 2;
  return Number.isFinite(eyeAspectRatio) && Number.isFinite(yaw) ? { eyeAspectRatio, yaw } : null;
}

/** Roughly the width of a face between its edges (points 0 and 16) in distances of the eyes' centres. */
const faceWidthInEyes = 2.25;

/**
 * The head out of five points, on about the same scale as {@link postureOf}; eyes are not to be seen in them.
 * @param points 10 values x, y: right eye, left eye, tip of the nose, corners of the mouth (the person's right first), in
 * pixels of a picture that is not mirrored.
 * @returns null when the points do not make a face.
 */
export function postureOfFive(points: ArrayLike<number>): FacePosture | null {
  const [acrossX, acrossY] = between(points, 0, 1);
  const [noseX, noseY] = between(points, 0, 2);
  const share = (noseX * acrossX + noseY * acrossY) / (acrossX * acrossX + acrossY * acrossY);
  const yaw = Math.max(-1, Math.min(1, (2 * share - 1) / faceWidthInEyes));
  return Number.isFinite(yaw) ? { eyeAspectRatio: null, yaw } : null;
}

/** (|p2 p6| + |p3 p5|) / 2 |p1 p4| of the six points of one eye (Soukupová & Čech 2016, equation 1). */
function aspectRatio(landmarks: ArrayLike<number>, first: number): number {
  const apart = (a: number, b: number) => Math.hypot(...between(landmarks, first + a, first + b));
  return (apart(1, 5) + apart(2, 4)) / (2 * apart(0, 3));
}

/**
 * How far the tip of the nose (30) lies from the middle between the edges of the face (0, 16), along the line between them, in
 * halves of its length: so that a head that is tilted to its shoulder is not turned.
 */
function yawOf(landmarks: ArrayLike<number>): number {
  const [acrossX, acrossY] = between(landmarks, 0, 16);
  const [noseX, noseY] = between(landmarks, 0, 30);
  const share = (noseX * acrossX + noseY * acrossY) / (acrossX * acrossX + acrossY * acrossY);
  return Math.max(-1, Math.min(1, 2 * share - 1));
}

function between(landmarks: ArrayLike<number>, from: number, to: number): readonly [number, number] {
  const at = (index: number) => landmarks[index] ?? Number.NaN;
  return [at(2 * to) - at(2 * from), at(2 * to + 1) - at(2 * from + 1)];
}
