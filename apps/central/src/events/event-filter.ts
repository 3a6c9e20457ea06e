import type { EventsQuery, EventView } from '@latchkey/contracts';

/** Which events somebody wants; what is absent does not matter. */
export type EventFilter = Pick<EventsQuery, 'deviceId' | 'personId' | 'kind' | 'decision' | 'from' | 'to'> & {
  /** The reader may not know of silent alarms: see {@link discreetView}. */
  readonly discreet?: boolean;
};

/** Whether an event is one of those; the same as the `WHERE` of {@link EventsRepository}. */
export function matchesFilter(filter: EventFilter, event: EventView): boolean {
  const occurredAt = Date.parse(event.occurredAt);
  return (
    !(filter.discreet && isSilentAlarm(event)) &&
    (filter.deviceId === undefined || filter.deviceId === event.deviceId) &&
    (filter.personId === undefined || filter.personId === event.personId) &&
    (filter.kind === undefined || filter.kind === event.kind) &&
    (filter.decision === undefined || filter.decision === event.decision) &&
    (filter.from === undefined || occurredAt >= Date.parse(filter.from)) &&
    (filter.to === undefined || occurredAt < Date.parse(filter.to))
  );
}

/** Whether an event is nothing but a silent alarm. */
function isSilentAlarm({ kind, body }: EventView): boolean {
  return kind === 'door' && body?.action === 'duress';
}

/**
 * An event as it is shown to a reader who may not know of silent alarms: a grant that raised one looks like any other. Its
 * number goes as well, because numbers without gaps would tell that an event is hidden.
 */
export function discreetView(event: EventView): EventView {
  return { ...event, seq: null, reasons: event.reasons.filter((reason) => reason !== 'duress') };
}
