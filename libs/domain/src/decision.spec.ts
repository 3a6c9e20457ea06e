import { describe, expect, it } from '@jest/globals';
import { type Admission, type DecisionContext, decideFace, denyFor, isNews } from './decision.ts';
import { castVote, type FaceVote, noVotes } from './face-votes.ts';
import type { MatchRule } from './match-policy.ts';

const rule: MatchRule = {
  policy: 'door',
  maxDistance: 0.53,
  minMargin: 0.04,
  votesNeeded: 2,
  votesWindow: 4,
  minQuality: 40,
};
const ada: FaceVote = { personId: 'ada', distance: 0.3, margin: 0.2, reason: 'matched', quality: 80 };
const stranger: FaceVote = { personId: null, distance: 0.8, margin: null, reason: 'too-far', quality: 80 };
const twice = (vote: FaceVote) => castVote(castVote(noVotes, vote, rule), vote, rule);

function aContext(changes: Partial<Omit<DecisionContext, 'admission'>> & Partial<Admission> = {}): DecisionContext {
  const { always = false, withinSchedule = null, ...rest } = changes;
  return {
    clockTrusted: true,
    gallery: 'usable',
    modelChanged: false,
    admission: () => ({ always, withinSchedule }),
    ...rest,
  };
}

describe('decision about a face', () => {
  it.each<[string, FaceVote, DecisionContext, string, string | null, string[]]>([
    ['a person without schedule', ada, aContext(), 'granted', 'ada', ['matched']],
    ['the same with a clock nobody trusts', ada, aContext({ clockTrusted: false }), 'granted', 'ada', ['matched']],
    ['within the schedule', ada, aContext({ withinSchedule: true }), 'granted', 'ada', ['matched']],
    ['outside it', ada, aContext({ withinSchedule: false }), 'denied', 'ada', ['matched', 'outside-schedule']],
    [
      'a schedule and a clock nobody trusts',
      ada,
      aContext({ withinSchedule: true, clockTrusted: false }),
      'denied',
      'ada',
      ['matched', 'clock-untrusted'],
    ],
    [
      'admitted always, whatever clock and schedule say',
      ada,
      aContext({ always: true, withinSchedule: false, clockTrusted: false }),
      'granted',
      'ada',
      ['matched'],
    ],
    [
      'a locked gallery, even for one admitted always',
      ada,
      aContext({ gallery: 'locked', always: true }),
      'denied',
      'ada',
      ['matched', 'gallery-locked'],
    ],
    ["another group's gallery damaged", ada, aContext({ gallery: 'partly-locked' }), 'granted', 'ada', ['matched']],
    ['a stranger', stranger, aContext(), 'unknown', null, ['too-far']],
    [
      'a stranger, or somebody of the damaged gallery',
      stranger,
      aContext({ gallery: 'partly-locked' }),
      'unknown',
      null,
      ['too-far', 'gallery-locked'],
    ],
    [
      'a stranger, or somebody whose encodings are of another model',
      stranger,
      aContext({ modelChanged: true }),
      'unknown',
      null,
      ['too-far', 'model-changed'],
    ],
  ])('%s', (_, vote, context, outcome, personId, reasons) => {
    const { distance, margin, quality } = vote;
    expect(decideFace(twice(vote), rule, context)).toEqual({ outcome, personId, distance, margin, quality, reasons });
  });

  it('waits while too few frames agree', () => {
    expect(decideFace(castVote(noVotes, ada, rule), rule, aContext())).toMatchObject({
      outcome: 'not-evaluated',
      personId: null,
      reasons: ['few-votes'],
    });
  });

  it('turns a grant into a denial that says what failed', () => {
    const granted = decideFace(twice(ada), rule, aContext());
    expect(denyFor(granted, 'storage-failed')).toMatchObject({
      outcome: 'denied',
      personId: 'ada',
      reasons: ['matched', 'storage-failed'],
    });
  });

  const granted = decideFace(twice(ada), rule, aContext());
  const unknown = decideFace(twice(stranger), rule, aContext());
  const waiting = decideFace(castVote(noVotes, ada, rule), rule, aContext());
  it.each([
    ['the first one', null, unknown, false, true],
    ['none yet', null, waiting, false, false],
    ['the same again', granted, { ...granted, distance: 0.1 }, true, false],
    ['a stranger who is recognised', unknown, granted, false, true],
    ['another person', granted, { ...granted, personId: 'eve' }, false, true],
    ['a denial after a grant', granted, denyFor(granted, 'door-failed'), false, true],
    ['a known person who turns away', granted, unknown, false, false],
    ['a person who was removed', granted, unknown, true, true],
    ['no decision after one', granted, waiting, true, false],
  ])('is news or not: %s', (_, previous, next, galleryChanged, news) => {
    expect(isNews(previous, next, galleryChanged)).toBe(news);
  });
});
