import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { castVote, type FaceVote, fusedLiveness, noVotes, tally, voteMaxAgeMs } from './face-votes.ts';
import type { MatchRule } from './match-policy.ts';

const rule: MatchRule = {
  policy: 'door',
  maxDistance: 0.53,
  claimMaxDistance: 0.6,
  minMargin: 0.04,
  votesNeeded: 2,
  votesWindow: 4,
  minQuality: 40,
};

function aVote(personId: string | null, changes: Partial<FaceVote> = {}): FaceVote {
  return {
    personId,
    distance: personId === null ? 0.8 : 0.3,
    margin: 0.2,
    reason: personId === null ? 'too-far' : 'matched',
    quality: 80,
    liveness: null,
    at: 0,
    ...changes,
  };
}

function votesOf(...votes: FaceVote[]) {
  return votes.reduce((all, vote, i) => castVote(all, { ...vote, at: i * 100 }, rule), noVotes);
}

describe('votes of one track', () => {
  it.each<[string, FaceVote[], string | null | 'few-votes' | 'low-quality']>([
    ['no frame', [], 'few-votes'],
    ['one good frame', [aVote('ada')], 'few-votes'],
    ['two agree', [aVote('ada'), aVote('ada')], 'ada'],
    ['two agree on nobody', [aVote(null), aVote(null)], null],
    ['a stray frame between', [aVote('ada'), aVote(null), aVote('ada')], 'ada'],
    ['two against two', [aVote('ada'), aVote('ada'), aVote('eve'), aVote('eve')], 'few-votes'],
    ['three prevail over older ones', [aVote('ada'), aVote('ada'), aVote('eve'), aVote('eve'), aVote('eve')], 'eve'],
    ['only poor frames', [aVote('ada', { quality: 39 }), aVote('ada', { quality: Number.NaN })], 'low-quality'],
    ['poor frames do not count', [aVote('ada'), aVote('ada', { quality: 10 })], 'few-votes'],
  ])('%s', (_, votes, expected) => {
    const result = tally(votesOf(...votes), rule, 1_000);
    expect(result.outcome === 'agreed' ? result.vote.personId : result.reason).toBe(expected);
  });

  it('lets the nearest of the agreeing frames speak for all', () => {
    const result = tally(
      votesOf(aVote('ada', { distance: 0.4 }), aVote('ada', { distance: 0.2, quality: 50 })),
      rule,
      100,
    );
    expect(result).toMatchObject({ outcome: 'agreed', vote: { distance: 0.2, quality: 50 }, votes: 2 });
  });

  it('lets the best frame speak where the gallery is empty', () => {
    const empty = { distance: null, margin: null, reason: 'empty-gallery' } as const;
    const result = tally(
      votesOf(aVote(null, { ...empty, quality: 50 }), aVote(null, { ...empty, quality: 90 })),
      rule,
      100,
    );
    expect(result).toMatchObject({ outcome: 'agreed', vote: { quality: 90 } });
  });

  it.each<[string, number[], number]>([
    ['too old', [0, 100], voteMaxAgeMs + 101],
    ['one too old', [0, 1_000], voteMaxAgeMs + 1],
    ['the same frame twice', [100, 100], 100],
    ['a frame from before the last one', [100, 50], 100],
    ['of a time to come', [100, 200], 50],
  ])('frames do not count: %s', (_, frames, at) => {
    const votes = frames.reduce((all, frameAt) => castVote(all, aVote('ada', { at: frameAt }), rule), noVotes);
    expect(tally(votes, rule, at).outcome).toBe('undecided');
  });

  it.each<[string, (number | null)[], number | null]>([
    ['the middle one', [0.9, 0.1, 0.8], 0.8],
    ['of an even number the lower', [0.9, 0.2, 0.1, 0.8], 0.2],
    ['frames that were not measured left out', [null, 0.9, 0.7, null], 0.7],
    ['too few', [null, 0.9, null], null],
    ['none', [null, null], null],
  ])('fuses liveness: %s', (_, scores, fused) => {
    const votes = votesOf(...scores.map((liveness) => aVote('ada', { liveness })));
    expect(fusedLiveness(votes, rule, 1_000)).toBe(fused);
  });

  it('never agrees on somebody with fewer good frames than needed, nor keeps more than the window', () => {
    const anyVote = fc
      .record({ personId: fc.constantFrom('ada', 'eve', null), quality: fc.integer({ min: 0, max: 100 }) })
      .map(({ personId, quality }) => aVote(personId, { quality }));
    fc.assert(
      fc.property(fc.array(anyVote, { maxLength: 20 }), (cast) => {
        const votes = votesOf(...cast);
        const result = tally(votes, rule, 2_000);
        expect(votes.good.length).toBeLessThanOrEqual(rule.votesWindow);
        if (result.outcome === 'agreed') {
          const { personId } = result.vote;
          const agreeing = votes.good.filter((vote) => vote.personId === personId);
          expect(agreeing.length).toBeGreaterThanOrEqual(rule.votesNeeded);
          expect(agreeing.every(({ quality }) => quality >= rule.minQuality)).toBe(true);
        }
      }),
    );
  });
});
