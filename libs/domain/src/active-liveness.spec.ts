import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type ChallengeEvent,
  type ChallengeKind,
  type ChallengeState,
  challengeKinds,
  challengeMs,
  type FacePosture,
  isChallengeMet,
  postureOf,
  postureOfFive,
  startChallenge,
  stepChallenge,
} from './active-liveness.ts';

const rest: FacePosture = { eyeAspectRatio: 0.3, yaw: 0 };
const closed: FacePosture = { eyeAspectRatio: 0.1, yaw: 0 };
const left: FacePosture = { eyeAspectRatio: 0.3, yaw: 0.5 };
const right: FacePosture = { eyeAspectRatio: 0.3, yaw: -0.5 };
const face = (posture: FacePosture, at = 1_000): ChallengeEvent => ({ type: 'face', at, posture, isAsked: true });
const lost: ChallengeEvent = { type: 'track-lost', at: 1_000 };
const tick: ChallengeEvent = { type: 'tick', at: challengeMs };
const late: ChallengeEvent = { type: 'tick', at: challengeMs + 1 };

const state = (phase: 'prompted' | 'ready' | 'moved', kind: ChallengeKind): ChallengeState => ({
  phase,
  kind,
  since: 0,
  seenAt: 0,
});
const told = (next: ChallengeState) => (next.phase === 'failed' ? next.why : next.phase);

describe('a challenge', () => {
  const events = { rest: face(rest), closed: face(closed), left: face(left), right: face(right), lost, tick, late };
  type Row = [ChallengeState, Readonly<Record<keyof typeof events, string>>];
  const always = { lost: 'track-lost', late: 'timeout' };
  const waiting = {
    ...always,
    rest: 'ready',
    closed: 'prompted',
    left: 'prompted',
    right: 'prompted',
    tick: 'prompted',
  };
  const rows: Row[] = [
    ...challengeKinds.map((kind): Row => [state('prompted', kind), waiting]),
    [
      state('ready', 'blink'),
      { ...always, rest: 'ready', closed: 'moved', left: 'ready', right: 'ready', tick: 'ready' },
    ],
    ...challengeKinds.map(
      (kind): Row => [
        state('moved', kind),
        { ...always, rest: 'met', closed: 'moved', left: 'moved', right: 'moved', tick: 'moved' },
      ],
    ),
    [
      state('ready', 'turn-left'),
      { ...always, rest: 'ready', closed: 'ready', left: 'moved', right: 'wrong-way', tick: 'ready' },
    ],
    [
      state('ready', 'turn-right'),
      { ...always, rest: 'ready', closed: 'ready', left: 'wrong-way', right: 'moved', tick: 'ready' },
    ],
  ];
  const cells = rows.flatMap(([before, expected]) =>
    (Object.keys(events) as (keyof typeof events)[]).map(
      (name) => [`${before.kind}, ${before.phase}`, name, before, expected[name]] as const,
    ),
  );
  it.each(cells)('%s: %s', (_, name, before, expected) => {
    expect(told(stepChallenge(before, events[name]))).toBe(expected);
  });

  it('stays as it ended', () => {
    for (const ended of [
      { phase: 'met', kind: 'blink', at: 0 },
      { phase: 'failed', kind: 'blink', why: 'timeout' },
    ] as const) {
      for (const event of Object.values(events)) expect(stepChallenge(ended, event)).toBe(ended);
    }
  });

  it('is one of all kinds, by chance; of turns alone where eyes cannot be seen', () => {
    expect([0, 0.34, 0.99].map((chance) => startChallenge(chance, 0).kind)).toEqual(challengeKinds);
    expect([0, 0.49, 0.51, 0.99].map((chance) => startChallenge(chance, 0, false).kind)).toEqual([
      'turn-left',
      'turn-left',
      'turn-right',
      'turn-right',
    ]);
  });

  it('is not met by frames of before the prompt, by one frame twice, or by somebody else at rest', () => {
    const moved = { ...state('moved', 'blink'), since: 500, seenAt: 800 };
    for (const at of [400, 800]) expect(stepChallenge(moved, face(rest, at)).phase).toBe('moved');
    expect(stepChallenge(moved, { type: 'face', at: 900, posture: rest, isAsked: false }).phase).toBe('moved');
    expect(stepChallenge(moved, face(rest, 900)).phase).toBe('met');
  });

  it('counts for ten seconds after it was met', () => {
    const met: ChallengeState = { phase: 'met', kind: 'blink', at: 1_000 };
    expect([999, 1_000, 11_000, 11_001, Number.NaN].map((at) => isChallengeMet(met, at))).toEqual([
      false,
      true,
      true,
      false,
      false,
    ]);
    expect(isChallengeMet(state('moved', 'blink'), 0)).toBe(false);
  });

  const anyPosture = fc.record({
    eyeAspectRatio: fc.double({ min: 0, max: 0.5 }),
    yaw: fc.double({ min: -1, max: 1 }),
  });

  it('is never met by a face that does not move, nor after its time, nor on another track', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        anyPosture,
        fc.array(fc.nat(2_000)),
        (chance, posture, pauses) => {
          let at = 0;
          let still = startChallenge(chance, at);
          for (const pause of pauses) {
            at += pause;
            still = stepChallenge(still, face(posture, at));
          }
          expect(still.phase).not.toBe('met');
        },
      ),
    );
    fc.assert(
      fc.property(fc.constantFrom(...challengeKinds), fc.array(anyPosture), fc.nat(20), (kind, postures, lostAfter) => {
        let next = state('prompted', kind);
        postures.forEach((posture, i) => {
          if (i === lostAfter) next = next.phase === 'met' ? next : stepChallenge(next, { type: 'track-lost', at: i });
          const before = next;
          next = stepChallenge(next, face(posture, i * 400));
          if (next.phase === 'met' && before.phase !== 'met') {
            expect(i * 400).toBeLessThanOrEqual(challengeMs);
            expect(i < lostAfter).toBe(true);
          }
        });
      }),
    );
  });
});

/** 68 points of a drawn face, 100 pixels wide; `open`: how far the lids are apart, `nose`: how far its tip is moved to the right of the picture. */
function drawn({ open = 6, nose = 0, tilt = 0 }: { open?: number; nose?: number; tilt?: number } = {}): Float32Array {
  const points: [number, number][] = Array.from({ length: 68 }, () => [50, 50]);
  points[0] = [0, 50];
  points[16] = [100, 50];
  points[30] = [50 + nose, 60];
  [36, 42].forEach((first, eye) => {
    const x = 20 + eye * 40;
    const lids: [number, number][] = [
      [0, 0],
      [6, -open / 2],
      [14, -open / 2],
      [20, 0],
      [14, open / 2],
      [6, open / 2],
    ];
    lids.forEach(([dx, dy], i) => {
      points[first + i] = [x + dx, 40 + dy];
    });
  });
  const [cos, sin] = [Math.cos(tilt), Math.sin(tilt)];
  return Float32Array.from(points.flatMap(([x, y]) => [x * cos - y * sin, x * sin + y * cos]));
}

describe('eyes and head of a face', () => {
  it.each([
    ['open eyes, into the camera', {}, 0.3, 0],
    ['closed eyes', { open: 1 }, 0.05, 0],
    ['to the person’s left, the right of the picture', { nose: 25 }, 0.3, 0.5],
    ['to the person’s right', { nose: -25 }, 0.3, -0.5],
  ])('%s', (_, face, eyeAspectRatio, yaw) => {
    const posture = postureOf(drawn(face));
    expect(posture?.eyeAspectRatio).toBeCloseTo(eyeAspectRatio);
    expect(posture?.yaw).toBeCloseTo(yaw);
  });

  it.each([
    ['into the camera', 50, 0],
    ['to the person’s left', 70, 0.44],
    ['to the person’s right', 30, -0.44],
  ])('of five points, %s', (_, noseX, yaw) => {
    const posture = postureOfFive([30, 40, 70, 40, noseX, 60, 35, 80, 65, 80]);
    expect(posture?.eyeAspectRatio).toBeNull();
    expect(posture?.yaw).toBeCloseTo(yaw, 1);
    expect(postureOfFive(new Float32Array(10))).toBeNull();
  });

  it('are the same however the picture is turned a little', () => {
    const posture = postureOf(drawn({ tilt: 0.2, nose: 0 }));
    expect(posture?.eyeAspectRatio).toBeCloseTo(0.3);
    expect(Math.abs(posture?.yaw ?? 1)).toBeLessThan(0.05);
  });

  it.each([
    ['no points', []],
    ['too few', new Float32Array(10)],
    ['points that are all one', new Float32Array(136)],
  ])('are not there in %s', (_, landmarks) => {
    expect(postureOf(landmarks)).toBeNull();
  });
});
