import { describe, expect, it } from '@jest/globals';
import { type DoorRules, freeAccess, type PersonAccess } from './access.ts';
import { type ChallengeState, startChallenge } from './active-liveness.ts';
import { recordPassage } from './anti-passback.ts';
import { nobodyReady, recordReady } from './companions.ts';
import {
  type DecisionContext,
  decideFace,
  denyFor,
  type FaceDecision,
  type FaceSubject,
  failuresOf,
  isNews,
  isReady,
} from './decision.ts';
import { castVote, type FaceVote, noVotes } from './face-votes.ts';
import { noLockOuts, recordFailure } from './lock-out.ts';
import type { MatchRule } from './match-policy.ts';
import type { Schedule } from './schedule.ts';

const rule: MatchRule = {
  policy: 'door',
  maxDistance: 0.53,
  claimMaxDistance: 0.6,
  minMargin: 0.04,
  votesNeeded: 2,
  votesWindow: 4,
  minQuality: 40,
};
const now = Date.UTC(2026, 10, 25, 12);
const at = 100_000;
const openRules: DoorRules = {
  timeZone: 'UTC',
  liveness: { mode: 'off', minimum: 0.5 },
  activeLiveness: { required: false },
  antiPassback: { mode: 'off', windowS: 60 },
  lockOut: { enabled: false, failures: 2, windowS: 60, forS: 60 },
  twoPerson: { required: false, withinS: 10 },
};
const schedules: Readonly<Record<string, Schedule>> = {
  day: { weekly: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '08:00', to: '18:00' }], exceptions: [] },
  night: { weekly: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '18:00', to: '08:00' }], exceptions: [] },
};
const ada: FaceVote = {
  personId: 'ada',
  distance: 0.3,
  margin: 0.2,
  reason: 'matched',
  quality: 80,
  liveness: null,
  at,
};
const stranger: FaceVote = { ...ada, personId: null, distance: 0.8, margin: null, reason: 'too-far' };

/** A person before a door at noon in UTC. */
interface Situation {
  readonly vote?: FaceVote;
  readonly liveness?: number;
  readonly claim?: string;
  readonly grantedBefore?: boolean;
  readonly access?: Partial<PersonAccess>;
  readonly always?: boolean;
  readonly known?: boolean;
  readonly rules?: Partial<DoorRules>;
  readonly trusted?: boolean;
  readonly floor?: number;
  readonly gallery?: DecisionContext['gallery'];
  readonly modelChanged?: boolean;
  readonly history?: Partial<DecisionContext['history']>;
  readonly challenge?: FaceSubject['challenge'];
}

function decide(situation: Situation): FaceDecision {
  const { vote = ada, liveness = null, claim = null, access = {}, always = false, known = true } = situation;
  const votes = [at - 200, at].reduce(
    (cast, frameAt) => castVote(cast, { ...vote, liveness, at: frameAt }, rule),
    noVotes,
  );
  const subject: FaceSubject = {
    trackId: 'track-of-ada',
    claimedPersonId: claim,
    grantedPersonId: situation.grantedBefore ? 'ada' : null,
    challenge: situation.challenge ?? null,
  };
  return decideFace(votes, rule, subject, {
    at,
    time: { now, trusted: situation.trusted ?? true, floor: situation.floor ?? 0 },
    gallery: situation.gallery ?? 'usable',
    modelChanged: situation.modelChanged ?? false,
    rules: { ...openRules, ...situation.rules },
    history: { passages: new Map(), lockOuts: noLockOuts, ready: nobodyReady, ...situation.history },
    person: (personId) => (known ? { personId, name: 'Ada', always, access: { ...freeAccess, ...access } } : null),
    schedule: (id) => schedules[id] ?? null,
  });
}

type Row = [what: string, situation: Situation, outcome: string, reasons: string[]];
const denied = (what: string, situation: Situation, ...reasons: string[]): Row => [
  what,
  situation,
  'denied',
  ['matched', ...reasons],
];
const granted = (what: string, situation: Situation, ...remarks: string[]): Row => [
  what,
  situation,
  'granted',
  ['matched', ...remarks],
];

const asking = { activeLiveness: { required: true } };
const asked = (state: ChallengeState, personId = 'ada') => ({ challenge: { personId, state } });
const open = startChallenge(0, at - 2_000);
const met: ChallengeState = { phase: 'met', kind: 'blink', at: at - 1_000 };
const unmet: ChallengeState = { phase: 'failed', kind: 'blink', why: 'timeout' };

describe('a door that asks people to move', () => {
  const pending = (what: string, situation: Situation): Row => [what, situation, 'not-evaluated', ['challenge-open']];
  it.each<Row>([
    pending('lets nobody in who was not asked', { rules: asking }),
    pending('waits while it is not done', { rules: asking, ...asked(open) }),
    granted('lets in who did it', { rules: asking, ...asked(met) }),
    denied('refuses who did not', { rules: asking, ...asked(unmet) }, 'challenge-failed'),
    pending('does not take what somebody else did', { rules: asking, ...asked(met, 'eve') }),
    pending('asks again after ten seconds', { rules: asking, ...asked({ ...met, at: at - 10_001 }) }),
    denied('asks nobody whom the rules refuse', { rules: asking, access: { scheduleId: 'night' } }, 'outside-schedule'),
    pending('asks before somebody is a companion', {
      rules: { ...asking, twoPerson: { required: true, withinS: 10 } },
    }),
    granted('asks nobody where it is off', asked(unmet)),
  ])('%s', (_, situation, outcome, reasons) => {
    const decision = decide(situation);
    expect(decision).toMatchObject({ outcome, reasons });
    expect(decision.personId).toBe('ada');
  });

  it('counts what was not done as a failure of the person', () => {
    expect(failuresOf(decide({ rules: asking, ...asked(unmet) }))).toEqual(['ada']);
  });
});

const reporting = (mode: 'report' | 'deny') => ({
  rules: { antiPassback: { mode, windowS: 60 } },
  history: { passages: recordPassage(new Map(), 'ada', at - 59_000, 60_000) },
});
const passedLongAgo = recordPassage(new Map(), 'ada', at - 60_000, 60_000);
const lockOut = { enabled: true, failures: 2, windowS: 60, forS: 60 };
const failed = (key: string, times: number) =>
  Array.from({ length: times }, (_, i) => at - 1000 + i).reduce(
    (lockOuts, failedAt) => recordFailure(lockOuts, key, failedAt, lockOut),
    noLockOuts,
  );
const ready = (personId: string, trackId: string, ago: number, escorted = false) => ({
  ready: recordReady(nobodyReady, { personId, trackId, escorted, at: at - ago }, 10_000),
});
const together = { twoPerson: { required: true, withinS: 10 } };

describe('decision about a face', () => {
  describe.each<[string, Row[]]>([
    [
      'galleries',
      [
        granted('a person whom nothing binds', {}),
        granted('the same with a clock nobody trusts', { trusted: false }),
        denied('a locked gallery, even for one admitted always', { gallery: 'locked', always: true }, 'gallery-locked'),
        denied('somebody whose encodings are there and who is not', { known: false }, 'gallery-locked'),
        granted("another group's gallery damaged", { gallery: 'partly-locked' }),
        ['a stranger', { vote: stranger }, 'unknown', ['too-far']],
        [
          'a stranger, or somebody of the damaged gallery',
          { vote: stranger, gallery: 'partly-locked' },
          'unknown',
          ['too-far', 'gallery-locked'],
        ],
        [
          'a stranger, or somebody whose encodings are of another model',
          { vote: stranger, modelChanged: true },
          'unknown',
          ['too-far', 'model-changed'],
        ],
      ],
    ],
    [
      'schedules',
      [
        granted('within it', { access: { scheduleId: 'day' } }),
        denied('outside it', { access: { scheduleId: 'night' } }, 'outside-schedule'),
        denied(
          'in another zone',
          { access: { scheduleId: 'day' }, rules: { timeZone: 'Asia/Tokyo' } },
          'outside-schedule',
        ),
        denied('one that the device does not know', { access: { scheduleId: 'gone' } }, 'schedule-unknown'),
        denied('a clock nobody trusts', { access: { scheduleId: 'day' }, trusted: false }, 'clock-untrusted'),
        granted('admitted always, whatever clock and schedule say', {
          access: { scheduleId: 'night' },
          always: true,
          trusted: false,
        }),
      ],
    ],
    [
      'dates',
      [
        granted('within them', {
          access: { validFrom: '2026-11-25T12:00:00.000Z', validUntil: '2026-11-25T12:00:00.001Z' },
        }),
        denied('before them', { access: { validFrom: '2026-11-25T12:00:00.001Z' } }, 'not-yet-valid'),
        denied('after them', { access: { validUntil: '2026-11-25T12:00:00.000Z' } }, 'expired'),
        denied(
          'after them, admitted always',
          { access: { validUntil: '2026-11-25T12:00:00.000Z' }, always: true },
          'expired',
        ),
        denied(
          'a clock nobody trusts',
          { access: { validUntil: '2027-01-01T00:00:00.000Z' }, trusted: false },
          'clock-untrusted',
        ),
        granted('the same, admitted always', {
          access: { validUntil: '2027-01-01T00:00:00.000Z' },
          always: true,
          trusted: false,
        }),
        denied(
          'admitted always, over before anything the clock could rightly say',
          { access: { validUntil: '2026-11-01T00:00:00.000Z' }, always: true, trusted: false, floor: now },
          'expired',
        ),
        denied('a date that is none', { access: { validUntil: 'tomorrow' } }, 'expired'),
        denied(
          'dates and schedule want the clock once',
          { access: { validUntil: '2027-01-01T00:00:00.000Z', scheduleId: 'day' }, trusted: false },
          'clock-untrusted',
        ),
        denied(
          'every rule that refuses is told',
          { access: { validUntil: '2026-11-01T00:00:00.000Z', scheduleId: 'night' } },
          'expired',
          'outside-schedule',
        ),
      ],
    ],
    [
      'anti-passback',
      [
        denied('a second time within the window', reporting('deny'), 'passed-recently'),
        granted('the same, only reported', reporting('report'), 'passed-recently'),
        granted('the same, not asked for', { history: reporting('deny').history }),
        granted('after the window', { rules: reporting('deny').rules, history: { passages: passedLongAgo } }),
        granted('still there after having been let in', { ...reporting('deny'), grantedBefore: true }),
        denied('even one admitted always', { ...reporting('deny'), always: true }, 'passed-recently'),
      ],
    ],
    [
      'lock-out',
      [
        denied(
          'after failures as this person',
          { rules: { lockOut }, history: { lockOuts: failed('ada', 2) } },
          'locked-out',
        ),
        granted('after fewer', { rules: { lockOut }, history: { lockOuts: failed('ada', 1) } }),
        granted("after somebody else's", { rules: { lockOut }, history: { lockOuts: failed('eve', 2) } }),
        granted('after false claims, for one who claims nothing', {
          rules: { lockOut },
          history: { lockOuts: failed('claims', 2) },
        }),
        denied(
          'after false claims, for the next claim',
          { claim: 'ada', rules: { lockOut }, history: { lockOuts: failed('claims', 2) } },
          'locked-out',
        ),
        granted('where there is none', { history: { lockOuts: failed('ada', 2) } }),
      ],
    ],
    [
      'two persons',
      [
        denied('alone', { rules: together }, 'second-person-missing'),
        granted('with another', { rules: together, history: ready('eve', 'track-of-eve', 9_000) }),
        denied(
          'with one who left',
          { rules: together, history: ready('eve', 'track-of-eve', 10_001) },
          'second-person-missing',
        ),
        denied('with oneself', { rules: together, history: ready('ada', 'another-track', 0) }, 'second-person-missing'),
        denied(
          'one face that was two',
          { rules: together, history: ready('eve', 'track-of-ada', 0) },
          'second-person-missing',
        ),
        denied('escorted, alone', { access: { escorted: true } }, 'second-person-missing'),
        granted('escorted, with a host', { access: { escorted: true }, history: ready('eve', 'track-of-eve', 0) }),
        denied(
          'escorted, with another who is',
          { access: { escorted: true }, history: ready('eve', 'track-of-eve', 0, true) },
          'second-person-missing',
        ),
        denied(
          'with another, and too late',
          { rules: together, access: { scheduleId: 'night' }, history: ready('eve', 'track-of-eve', 0) },
          'outside-schedule',
        ),
      ],
    ],
    [
      'duress',
      [
        granted('is let in, and told', { access: { duress: true } }, 'duress'),
        denied('refuses like everybody', { access: { duress: true, scheduleId: 'night' } }, 'outside-schedule'),
      ],
    ],
    [
      'liveness',
      [
        granted('not asked for', { liveness: 0.1 }),
        granted('live', { liveness: 0.5, rules: { liveness: { mode: 'require', minimum: 0.5 } } }),
        ['not live', { liveness: 0.49, rules: { liveness: { mode: 'require', minimum: 0.5 } } }, 'spoof', ['not-live']],
        [
          'not live, and a stranger',
          { vote: stranger, liveness: 0.1, rules: { liveness: { mode: 'require', minimum: 0.5 } } },
          'spoof',
          ['not-live'],
        ],
        [
          'no number',
          { liveness: Number.NaN, rules: { liveness: { mode: 'require', minimum: 0.5 } } },
          'spoof',
          ['not-live'],
        ],
        [
          'not measured',
          { rules: { liveness: { mode: 'require', minimum: 0 } } },
          'not-evaluated',
          ['liveness-unknown'],
        ],
        granted(
          'not live, only reported',
          { liveness: 0.1, rules: { liveness: { mode: 'report', minimum: 0.5 } } },
          'not-live',
        ),
        granted('not measured, only reported', { rules: { liveness: { mode: 'report', minimum: 0.5 } } }),
      ],
    ],
    [
      'a claim',
      [
        granted('that is met', { claim: 'ada' }),
        ['of somebody else', { claim: 'eve' }, 'denied', ['claim-not-met']],
        ['by a stranger', { claim: 'ada', vote: stranger }, 'denied', ['claim-not-met', 'too-far']],
        denied('that is met at the wrong time', { claim: 'ada', access: { scheduleId: 'night' } }, 'outside-schedule'),
      ],
    ],
  ])('%s', (_, rows) => {
    it.each(rows)('%s', (_what, situation, outcome, reasons) => {
      expect(decide(situation)).toMatchObject({ outcome, reasons });
    });
  });

  it('says who, how near and how live', () => {
    expect(decide({ liveness: 0.9, claim: 'ada' })).toEqual({
      outcome: 'granted',
      personId: 'ada',
      claimedPersonId: 'ada',
      distance: 0.3,
      margin: 0.2,
      quality: 80,
      liveness: 0.9,
      reasons: ['matched'],
    });
  });

  it('does not say who a person is that claims to be another', () => {
    expect(decide({ claim: 'eve' })).toMatchObject({ personId: null, claimedPersonId: 'eve' });
  });

  it('turns a grant into a denial that says what failed', () => {
    expect(denyFor(decide({}), 'storage-failed')).toMatchObject({
      outcome: 'denied',
      personId: 'ada',
      reasons: ['matched', 'storage-failed'],
    });
  });

  const notLive: Situation = { liveness: 0.1, rules: { liveness: { mode: 'require', minimum: 0.5 } } };
  it.each<[string, Situation, string[]]>([
    ['a stranger who walks by', { vote: stranger }, []],
    ['a resident at the wrong time', { access: { scheduleId: 'night' } }, []],
    ['a photograph of a resident', notLive, ['ada']],
    ["a stranger's photograph", { ...notLive, vote: stranger }, []],
    ['a false claim', { claim: 'eve' }, ['eve', 'claims']],
    ['a photograph of the claimed person', { ...notLive, claim: 'ada' }, ['ada', 'claims']],
    ['a grant', {}, []],
  ])('is a failure of: %s', (_, situation, keys) => {
    expect(failuresOf(decide(situation))).toEqual(keys);
  });

  it.each<[string, Situation, boolean]>([
    ['who is let in', {}, true],
    ['who lacks only a second person', { rules: together }, true],
    ['who may not enter now', { rules: together, access: { scheduleId: 'night' } }, false],
    ['whom nobody knows', { vote: stranger }, false],
  ])('is a companion: one %s', (_, situation, companion) => {
    expect(isReady(decide(situation))).toBe(companion);
  });

  const grant = decide({});
  const unknown = decide({ vote: stranger });
  const waiting = decide({ rules: { liveness: { mode: 'require', minimum: 0.5 } } });
  it.each([
    ['the first one', null, unknown, '', true],
    ['none yet', null, waiting, '', false],
    ['the same again', grant, { ...grant, distance: 0.1 }, 'gallery', false],
    ['a stranger who is recognised', unknown, grant, '', true],
    ['another person', grant, { ...grant, personId: 'eve' }, '', true],
    ['a denial after a grant', grant, denyFor(grant, 'door-failed'), '', true],
    ['a grant after the door failed', denyFor(grant, 'door-failed'), grant, '', true],
    ['a known person who turns away', grant, unknown, '', false],
    ['a person who was removed', grant, unknown, 'gallery', true],
    ['no decision after one', grant, waiting, 'gallery', false],
    ['the same face with a claim', unknown, decide({ vote: stranger, claim: 'ada' }), 'claim', true],
    ['the same claim still', decide({ claim: 'ada' }), decide({ claim: 'ada' }), '', false],
    ['the same claim made again', decide({ claim: 'ada' }), decide({ claim: 'ada' }), 'claim', true],
    ['the end of a claim', decide({ claim: 'ada' }), grant, 'claim', false],
  ])('is news or not: %s', (_, previous, next, changed, news) => {
    expect(isNews(previous, next, { gallery: changed === 'gallery', claim: changed === 'claim' })).toBe(news);
  });
});
