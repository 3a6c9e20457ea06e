import type { Identified } from '@latchkey/contracts';
import type { ClaimDesk } from '../deciding/claim-desk.ts';
import type { EventRecorder, RecordedEvent } from '../events/event-recorder.ts';
import { type CommandHandler, refused } from './command-desk.ts';

/** What `identify` needs to know of the gallery. */
export interface PeopleHeld {
  person(personId: string): unknown | null;
}

/**
 * `identify`: for some seconds the door looks for one person alone, and lets them in like any other. What it decides first
 * about a face is the answer.
 */
export function identifyCommand(
  recorder: EventRecorder,
  claims: ClaimDesk,
  people: PeopleHeld,
): CommandHandler<'identify'> {
  return async ({ personId, forS }, { signal }) => {
    if ((people.person(personId) ?? null) === null) return { report: refused('This device holds no such person.') };
    claims.place(personId, forS * 1_000);
    const identified = await firstDecision(recorder, personId, forS * 1_000, signal);
    if (identified === null) {
      claims.withdraw();
      return { report: { outcome: 'failed', message: 'Nobody looked into a camera in time.' } };
    }
    const message = identified.decision === 'granted' ? 'It is that person.' : 'It is not known to be that person.';
    return { report: { outcome: 'done', message, identified } };
  };
}

function firstDecision(
  recorder: EventRecorder,
  personId: string,
  withinMs: number,
  signal: AbortSignal,
): Promise<Identified | null> {
  return new Promise((resolve) => {
    const finish = (answer: Identified | null): void => {
      stopListening();
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
      resolve(answer);
    };
    const giveUp = (): void => finish(null);
    const stopListening = recorder.onRecorded((event) => {
      const answer = answerOf(event, personId);
      if (answer) finish(answer);
    });
    const timer = setTimeout(giveUp, withinMs);
    signal.addEventListener('abort', giveUp, { once: true });
  });
}

/** What an event about a face says of the claim; null for any other. */
function answerOf(event: RecordedEvent, claimedPersonId: string): Identified | null {
  const { kind, body } = event;
  if (kind !== 'verification' && kind !== 'recognition' && kind !== 'unknown' && kind !== 'spoof') return null;
  if (body.claimedPersonId !== claimedPersonId) return null;
  const { decision, personId, distance, maxDistance, reasons } = body;
  return { decision, personId, distance, maxDistance, reasons };
}
