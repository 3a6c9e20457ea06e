import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  answerChallenge,
  type ChallengeBook,
  type ChallengedCommand,
  challengeValidMs,
  emptyChallengeBook,
  issueChallenge,
} from './command-challenges.ts';

const asked: ChallengedCommand = { command: 'open-door', commandId: 'c1', nonce: 'n1' };

describe('challenges of commands', () => {
  it('takes the answer to its own challenge, once', () => {
    const first = answerChallenge(issueChallenge(emptyChallengeBook, asked, 100), asked, 200);
    expect(first.verdict).toBe('fresh');
    expect(answerChallenge(first.book, asked, 201).verdict).toBe('unknown');
  });

  it.each([
    ['in its last millisecond', challengeValidMs - 1, 'fresh'],
    ['when its time is over', challengeValidMs, 'late'],
    ['after a clock that went back', -1, 'late'],
  ])('judges an answer %s', (_, afterMs, verdict) => {
    expect(answerChallenge(issueChallenge(emptyChallengeBook, asked, 1_000), asked, 1_000 + afterMs).verdict).toBe(
      verdict,
    );
  });

  it.each([
    ['another command', { command: 'identify' }],
    ['another id', { commandId: 'c2' }],
    ['another nonce', { nonce: 'n2' }],
  ])('does not know an answer with %s', (_, changed) => {
    const book = issueChallenge(emptyChallengeBook, asked, 0);
    expect(answerChallenge(book, { ...asked, ...changed }, 1).verdict).toBe('unknown');
  });

  it('uses a challenge up that was named with another id', () => {
    const { book } = answerChallenge(issueChallenge(emptyChallengeBook, asked, 0), { ...asked, commandId: 'c2' }, 1);
    expect(answerChallenge(book, asked, 2).verdict).toBe('unknown');
  });

  it('never takes an answer twice, late, or from before a restart, in any order of events', () => {
    const step = fc.oneof(
      fc.record({ type: fc.constant('issue' as const) }),
      fc.record({ type: fc.constant('answer' as const), which: fc.nat(40) }),
      fc.record({ type: fc.constant('wait' as const), ms: fc.nat(8_000) }),
      fc.record({ type: fc.constant('restart' as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        let book: ChallengeBook = emptyChallengeBook;
        let now = 0;
        let process = 0;
        const issued: { asked: ChallengedCommand; at: number; process: number; taken: boolean }[] = [];
        for (const step of steps) {
          if (step.type === 'wait') now += step.ms;
          if (step.type === 'restart') {
            book = emptyChallengeBook;
            process++;
          }
          if (step.type === 'issue') {
            const next = { command: 'open-door', commandId: `c${issued.length}`, nonce: `n${issued.length}` };
            book = issueChallenge(book, next, now);
            issued.push({ asked: next, at: now, process, taken: false });
          }
          const target = step.type === 'answer' ? issued[step.which % Math.max(issued.length, 1)] : undefined;
          if (!target) continue;
          const judged = answerChallenge(book, target.asked, now);
          book = judged.book;
          if (judged.verdict !== 'fresh') continue;
          expect(target.taken).toBe(false);
          expect(target.process).toBe(process);
          expect(now - target.at).toBeLessThan(challengeValidMs);
          target.taken = true;
        }
        expect(book.open.length).toBeLessThanOrEqual(16);
      }),
    );
  });
});
