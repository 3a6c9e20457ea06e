import type { Identified } from '@latchkey/contracts';
import type { ClaimDesk } from '../deciding/claim-desk.ts';
import type { EventRecorder, RecordedEvent } from '../events/event-recorder.ts';
import { type CommandHandler, refused } from './command-desk.ts';

/** What `identify` needs to know of the gallery. */
export interface PeopleHeld {
  person(personId: string): unknown | null;
}

/**
 * `identify`: for some seconds the door looks for one person alone, and lets them in like any other. It is answered at once when
 * they are, else when the time is over, with the nearest face: somebody else may look into the camera first.
 */
export function identifyCommand(
  recorder: EventRecorder,
  claims: ClaimDesk,
  people: PeopleHeld,
): CommandHandler<'identify'> {
  return async ({ personId, forS }, { signal }) => {
    if ((people.person(personId) ?? null) === null) return { report: refused('This device holds no such person.') };
    const claim = claims.place(personId, forS * 1_000);
    const identified = await nearestDecision(recorder, personId, forS * 1_000, signal);
    claims.withdraw(claim);
    if (identified === null) return { report: { outcome: 'failed', message: 'Nobody looked into a camera in time.' } };
    const message = identified.decision === 'granted' ? 'It is that person.' : 'It is not known to be that person.';
    return { report: { outcome: 'done', message, identified } };
  };
}

function nearestDecision(
  recorder: EventRecorder,
  personId: string,
  withinMs: number,
  signal: AbortSignal,
): Promise<Identified | null> {
  return new Promise((resolve) => {
    let nearest: Identified | null = null;
    const finish = (): void => {
      stopListening();
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve(nearest);
    };
    const stopListening = recorder.onRecorded((event) => {
      const answer = answerOf(event, personId);
      if (!answer) return;
      const isGranted = answer.decision === 'granted';
      if (isGranted || nearest === null || distanceOf(answer) < distanceOf(nearest)) nearest = answer;
      if (isGranted) finish();
    });
    const timer = setTimeout(finish, withinMs);
    signal.addEventListener('abort', finish, { once: true });
  });
}

function distanceOf({ distance }: Identified): number {
  return distance ?? Number.POSITIVE_INFINITY;
}

/** What an event about a face says of the claim; null for any other. */
function answerOf(event: RecordedEvent, claimedPersonId: string): Identified | null {
  const { kind, body } = event;
  if (kind !== 'verification' && kind !== 'recognition' && kind !== 'unknown' && kind !== 'spoof') return null;
  if (body.claimedPersonId !== claimedPersonId) return null;
  const { decision, personId, distance, maxDistance, reasons } = body;
  return { decision, personId, distance, maxDistance, reasons };
}
