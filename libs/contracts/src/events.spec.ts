import { describe, expect, it } from '@jest/globals';
import type { DecisionOutcome, ReasonCode } from '@latchkey/domain';
import { type Decision, decisions, eventBodies, eventKinds, type Reason, reason, reasonSentences } from './events.ts';

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

/** The domain decides in words of its own, since it may not know of messages; the compiler holds both lists together. */
const sameReasons: Same<Reason, ReasonCode> = true;
const sameDecisions: Same<Decision, DecisionOutcome> = true;

describe('words of events', () => {
  it('are those that the domain decides in', () => {
    expect([sameReasons, sameDecisions]).toEqual([true, true]);
    expect(decisions).toContain('granted');
  });

  it('have a sentence for people and a body schema each', () => {
    for (const code of reason.options) expect(reasonSentences[code]).toMatch(/^[A-Z].+\.$/);
    expect(Object.keys(eventBodies).sort()).toEqual([...eventKinds].sort());
  });
});
