import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type DoorRules, freeAccess } from './access.ts';
import {
  type ChallengeState,
  challengeHoldsMs,
  challengeMs,
  type FacePosture,
  startChallenge,
  stepChallenge,
} from './active-liveness.ts';
import { type Passages, recordPassage, resumePassages } from './anti-passback.ts';
import { nobodyReady, type ReadyPersons, recordReady } from './companions.ts';
import { type DecisionContext, decideFace, type FaceSubject, failuresOf, isReady } from './decision.ts';
import { castVote, type FaceVote, noVotes, voteMaxAgeMs } from './face-votes.ts';
import type { GalleryPerson } from './gallery-log.ts';
import { type LockOuts, noLockOuts, recordFailure, resumeLockOuts } from './lock-out.ts';
import { judgeNearest, type MatchRule, matchRuleOf } from './match-policy.ts';

const rest: FacePosture = { eyeAspectRatio: 0.3, yaw: 0 };
const movements: readonly FacePosture[] = [
  { eyeAspectRatio: 0.1, yaw: 0 },
  { eyeAspectRatio: 0.3, yaw: 0.5 },
  { eyeAspectRatio: 0.3, yaw: -0.5 },
];
const people = ['ada', 'eve'] as const;
const alwaysOpen = { weekly: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '24:00' }], exceptions: [] };
const nowhere: DoorRules = {
  timeZone: 'UTC',
  liveness: { mode: 'off', minimum: 0 },
  activeLiveness: { required: false },
  antiPassback: { mode: 'off', windowS: 1 },
  lockOut: { enabled: false, failures: 1, windowS: 1, forS: 1 },
  twoPerson: { required: false, withinS: 1 },
};

const anyRule: fc.Arbitrary<MatchRule> = fc
  .record({
    policy: fc.constantFrom('door' as const, 'door' as const, 'seed' as const),
    votesNeeded: fc.integer({ min: 1, max: 4 }),
    votesWindow: fc.integer({ min: 1, max: 6 }),
  })
  .map((wishes) =>
    matchRuleOf(
      { ...wishes, maxDistance: null, minMargin: null, minQuality: 40 },
      { maxDistance: 0.6, identifyMaxDistance: 0.5, minMargin: 0.05 },
    ),
  );
const anyRules: fc.Arbitrary<DoorRules> = fc.record({
  timeZone: fc.constantFrom('UTC', 'Europe/Berlin'),
  liveness: fc.record({
    mode: fc.constantFrom('off' as const, 'report' as const, 'require' as const),
    minimum: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  activeLiveness: fc.record({ required: fc.constantFrom(false, false, true) }),
  antiPassback: fc.record({
    mode: fc.constantFrom('off' as const, 'report' as const, 'deny' as const),
    windowS: fc.integer({ min: 1, max: 60 }),
  }),
  lockOut: fc.record({
    enabled: fc.boolean(),
    failures: fc.integer({ min: 1, max: 3 }),
    windowS: fc.integer({ min: 1, max: 60 }),
    forS: fc.integer({ min: 1, max: 60 }),
  }),
  twoPerson: fc.record({ required: fc.boolean(), withinS: fc.integer({ min: 1, max: 20 }) }),
});
const anyPerson: fc.Arbitrary<Omit<GalleryPerson, 'personId' | 'name'>> = fc.record({
  always: fc.boolean(),
  access: fc.record({
    validFrom: fc.constantFrom(null, '2026-11-20T00:00:00.000Z', '2026-12-20T00:00:00.000Z'),
    validUntil: fc.constantFrom(null, '2026-11-24T00:00:00.000Z', '2026-12-24T00:00:00.000Z'),
    scheduleId: fc.constantFrom(null, 'open', 'gone'),
    duress: fc.boolean(),
    escorted: fc.boolean(),
  }),
});

/** What happens at a door, one thing after the other. */
type Happening =
  | {
      readonly type: 'frame';
      readonly afterMs: number;
      readonly personId: (typeof people)[number];
      readonly distance: number;
      readonly margin: number;
      readonly quality: number;
      readonly liveness: number | null;
      readonly track: number;
      readonly posture: FacePosture;
    }
  | { readonly type: 'replay' | 'restart' | 'pause' }
  | { readonly type: 'set-clock'; readonly now: number; readonly trusted: boolean }
  | { readonly type: 'claim'; readonly personId: (typeof people)[number] | null };

const anyHappening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 24,
    arbitrary: fc.record({
      type: fc.constant('frame' as const),
      afterMs: fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 0, max: 300 }) }, fc.integer({ min: 0, max: 9_000 })),
      personId: fc.constantFrom(...people, 'ada' as const),
      distance: fc.constantFrom(0.1, 0.2, 0.3, 0.4, 0.5, 0.51, 0.7, 0.9),
      margin: fc.constantFrom(0.01, 0.05, 0.1, 0.3),
      quality: fc.constantFrom(39, 40, 60, 90),
      liveness: fc.constantFrom(null, 0.1, 0.5, 0.9),
      track: fc.constantFrom(0, 0, 0, 1),
      posture: fc.constantFrom(rest, rest, ...movements),
    }),
  },
  { weight: 3, arbitrary: fc.constantFrom<Happening>({ type: 'replay' }, { type: 'restart' }, { type: 'pause' }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('set-clock' as const),
      now: fc.constantFrom(Date.UTC(1970, 0), Date.UTC(2026, 10, 25), Date.UTC(2026, 11, 25), Date.UTC(2099, 0)),
      trusted: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('claim' as const), personId: fc.constantFrom(...people, null) }),
  },
);

/** A grant, and the frames of its track that this process had looked at. */
interface Grant {
  readonly personId: string;
  readonly at: number;
  readonly seen: readonly FaceVote[];
  /** What its track was asked to do; null: nothing. */
  readonly asked: Asked | null;
}

/** A challenge, and the postures of the frames that came after it. */
interface Asked {
  readonly personId: string;
  readonly state: ChallengeState;
  readonly shown: readonly { readonly at: number; readonly posture: FacePosture }[];
}

/** Lives through what happens as a device would; every grant that comes of it. */
function live(
  rule: MatchRule,
  rules: DoorRules,
  persons: Readonly<Record<string, Omit<GalleryPerson, 'personId' | 'name'>>>,
  happenings: readonly Happening[],
): Grant[] {
  const grants: Grant[] = [];
  let at = 0;
  let clock = { now: Date.UTC(2026, 10, 25), trusted: true };
  let claimedPersonId: string | null = null;
  let tracks = new Map<number, { votes: typeof noVotes; seen: FaceVote[]; asked: Asked | null }>();
  let last: { vote: FaceVote; track: number; posture: FacePosture } | undefined;
  let passages: Passages = new Map();
  let lockOuts: LockOuts = noLockOuts;
  let ready: ReadyPersons = nobodyReady;
  const look = (vote: FaceVote, track: number, posture: FacePosture) => {
    last = { vote, track, posture };
    const { votes, seen, asked: before } = tracks.get(track) ?? { votes: noVotes, seen: [], asked: null };
    const next = castVote(votes, vote, rule);
    const isAsked = vote.personId === before?.personId;
    const asked = before && {
      ...before,
      state: stepChallenge(before.state, { type: 'face', at: vote.at, posture, isAsked }),
      shown: [...before.shown, { at: vote.at, posture }],
    };
    const remembered = { votes: next, seen: [...seen, vote], asked };
    tracks.set(track, remembered);
    const subject: FaceSubject = {
      trackId: String(track),
      claimedPersonId,
      grantedPersonId: null,
      challenge: asked,
    };
    const context: DecisionContext = {
      at,
      time: { ...clock, floor: Date.UTC(2026, 0) },
      gallery: 'usable',
      modelChanged: false,
      rules,
      history: { passages, lockOuts, ready },
      person: (personId) => ({ personId, name: personId, always: false, ...persons[personId] }),
      schedule: (id) => (id === 'open' ? alwaysOpen : null),
    };
    const decision = decideFace(next, rule, subject, context);
    const { personId } = decision;
    for (const key of failuresOf(decision)) lockOuts = recordFailure(lockOuts, key, at, rules.lockOut);
    if (personId !== null && isReady(decision)) {
      const escorted = persons[personId]?.access?.escorted ?? false;
      ready = recordReady(ready, { personId, trackId: String(track), escorted, at }, rules.twoPerson.withinS * 1000);
    }
    if (personId !== null && decision.reasons.includes('challenge-open') && asked?.personId !== personId) {
      remembered.asked = { personId, state: startChallenge((at % 10) / 10, at), shown: [] };
    }
    if (decision.outcome !== 'granted' || personId === null) return;
    remembered.asked = null;
    passages = recordPassage(passages, personId, at, rules.antiPassback.windowS * 1000);
    grants.push({ personId, at, seen: [...seen, vote], asked });
  };
  for (const happening of happenings) {
    switch (happening.type) {
      case 'frame': {
        at += happening.afterMs;
        const { quality, liveness, track, posture, ...nearest } = happening;
        look({ ...judgeNearest(nearest, rule), quality, liveness, at }, track, posture);
        break;
      }
      case 'replay':
        at += 100;
        if (last) look(last.vote, last.track, last.posture);
        break;
      case 'pause':
        at += voteMaxAgeMs + 1;
        break;
      case 'restart': {
        // The clock starts anew, and what is kept goes on; votes and companions are gone.
        const resumedAt = 5;
        passages = resumePassages(passages, at, resumedAt);
        lockOuts = resumeLockOuts(lockOuts, at, resumedAt);
        ready = nobodyReady;
        tracks = new Map();
        last = undefined;
        at = resumedAt;
        break;
      }
      case 'set-clock':
        clock = { now: happening.now, trusted: happening.trusted };
        break;
      case 'claim':
        claimedPersonId = happening.personId;
        tracks = new Map();
        last = undefined;
        break;
    }
  }
  return grants;
}

/** Mostly Ada before the camera, who moves: enough of it that challenges are met by chance. */
const anyMovement: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      type: fc.constant('frame' as const),
      afterMs: fc.integer({ min: 0, max: 300 }),
      personId: fc.constant('ada' as const),
      distance: fc.constant(0.1),
      margin: fc.constant(0.3),
      quality: fc.constant(90),
      liveness: fc.constant(null),
      track: fc.constant(0),
      posture: fc.constantFrom(rest, rest, rest, ...movements),
    }),
  },
  { weight: 1, arbitrary: anyHappening },
);
const movementOf = { blink: movements[0], 'turn-left': movements[1], 'turn-right': movements[2] };
const persons = fc.record({ ada: anyPerson, eve: anyPerson });
const unbound = { ada: { always: false, access: freeAccess }, eve: { always: false, access: freeAccess } };

describe('whatever happens at a door', () => {
  it('nobody is let in without enough good frames of them within the window', () => {
    let grants = 0;
    fc.assert(
      fc.property(
        anyRule,
        anyRules,
        persons,
        fc.array(anyHappening, { maxLength: 60, size: 'max' }),
        (rule, rules, who, happenings) => {
          for (const { personId, at, seen } of live(rule, rules, who, happenings)) {
            grants++;
            const good = seen.filter(
              (vote) =>
                vote.personId === personId &&
                vote.reason === 'matched' &&
                vote.quality >= rule.minQuality &&
                at - vote.at <= voteMaxAgeMs,
            );
            expect(new Set(good.map((vote) => vote.at)).size).toBeGreaterThanOrEqual(rule.votesNeeded);
            expect(good.every(({ distance }) => distance !== null && distance <= rule.maxDistance)).toBe(true);
          }
        },
      ),
      { numRuns: 1_500 },
    );
    // About 550 of them, give or take 90: enough that the property is about something, with room for an unlucky seed.
    expect(grants).toBeGreaterThan(100);
  });

  it('no rule and nothing that binds a person lets anybody in who would not be without it', () => {
    let denied = 0;
    fc.assert(
      fc.property(
        anyRule,
        anyRules,
        persons,
        fc.array(anyHappening, { maxLength: 40, size: 'max' }),
        (rule, rules, who, happenings) => {
          const key = ({ personId, seen }: Grant) => `${personId} ${seen.length} ${seen[0]?.at}`;
          const without = new Set(live(rule, nowhere, unbound, happenings).map(key));
          const within = live(rule, rules, who, happenings).map(key);
          expect(within.filter((grant) => !without.has(grant))).toEqual([]);
          denied += without.size - new Set(within).size;
        },
      ),
      { numRuns: 500 },
    );
    expect(denied).toBeGreaterThan(100);
  });

  it('nobody is let in who did not do what was asked of them, where a door asks', () => {
    const rules: DoorRules = { ...nowhere, activeLiveness: { required: true } };
    let grants = 0;
    fc.assert(
      fc.property(anyRule, fc.array(anyMovement, { maxLength: 60, size: 'max' }), (rule, happenings) => {
        for (const { personId, at, asked } of live(rule, rules, unbound, happenings)) {
          grants++;
          expect(asked).toMatchObject({ personId, state: { phase: 'met' } });
          if (asked?.state.phase !== 'met') return;
          const { kind, at: metAt } = asked.state;
          expect(at - metAt).toBeLessThanOrEqual(challengeHoldsMs);
          const moved = asked.shown.filter(({ at, posture }) => at < metAt && posture === movementOf[kind]);
          const begun = asked.shown[0]?.at ?? Number.NaN;
          expect(moved.length).toBeGreaterThan(0);
          expect(metAt - begun).toBeLessThanOrEqual(challengeMs);
        }
      }),
      { numRuns: 500 },
    );
    expect(grants).toBeGreaterThan(100);
  });

  it('nobody passes twice within the window where that is denied, not even over restarts', () => {
    const rules: DoorRules = { ...nowhere, antiPassback: { mode: 'deny', windowS: 3_600 } };
    fc.assert(
      fc.property(anyRule, fc.array(anyHappening, { maxLength: 60, size: 'max' }), (rule, happenings) => {
        const grants = live(rule, rules, unbound, happenings);
        expect(grants.length).toBe(new Set(grants.map(({ personId }) => personId)).size);
      }),
      { numRuns: 300 },
    );
  });
});
