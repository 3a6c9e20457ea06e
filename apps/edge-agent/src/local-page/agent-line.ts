import { type AgentLine, challengePrompts } from '@latchkey/contracts';
import type { RecordedEvent } from '../events/event-recorder.ts';

/**
 * What people on the device's own machine are told of an event: no picture, no encoding, and nothing of a silent alarm,
 * since whoever threatens may read along.
 * @param at ISO time.
 * @param nameOf name of a person whom the device knows.
 * @returns null for what they are not told.
 */
export function agentLineOf(
  event: RecordedEvent,
  at: string,
  nameOf: (personId: string) => string | null,
): AgentLine | null {
  const { kind } = event;
  const nothing: AgentLine = {
    at,
    kind,
    cameraId: null,
    trackId: null,
    personId: null,
    name: null,
    decision: null,
    reasons: [],
    distance: null,
    maxDistance: null,
    box: null,
    message: null,
  };
  const nameFor = (personId: string | null) => (personId === null ? null : nameOf(personId));
  switch (kind) {
    case 'health':
      return { ...nothing, cameraId: event.body.cameraId ?? null, message: event.body.message };
    case 'tamper':
      return { ...nothing, cameraId: event.body.cameraId ?? null, message: event.body.message };
    case 'dropped':
      return { ...nothing, message: `${event.body.count} events were given up: the outbox is full.` };
    case 'door': {
      const { action, challenge, trackId, personId, reasons } = event.body;
      if (action === 'duress') return null;
      const message = challenge ? challengePrompts[challenge] : action;
      return { ...nothing, trackId, personId, name: nameFor(personId), reasons: overt(reasons), message };
    }
    default: {
      const { cameraId = null, trackId, personId, decision, reasons, distance, maxDistance, box } = event.body;
      const name = nameFor(personId);
      const about = { cameraId, trackId, personId, name };
      return { ...nothing, ...about, decision, reasons: overt(reasons), distance, maxDistance, box };
    }
  }
}

function overt(reasons: AgentLine['reasons']): AgentLine['reasons'] {
  return reasons.filter((reason) => reason !== 'duress');
}
