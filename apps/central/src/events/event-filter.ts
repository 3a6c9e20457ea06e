import type { EventsQuery, EventView } from '@latchkey/contracts';

/** Which events somebody wants; what is absent does not matter. */
export type EventFilter = Pick<EventsQuery, 'deviceId' | 'personId' | 'kind' | 'decision' | 'from' | 'to'> & {
  /** The reader may not know of silent alarms: see {@link viewFor}. */
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
 * An event as it is shown to a reader. Who may not know of silent alarms sees a grant that raised one as any other, and no
 * numbers: their gaps would tell that an event is hidden.
 */
export function viewFor({ discreet }: Pick<EventFilter, 'discreet'>, event: EventView): EventView {
  if (!discreet) return event;
  return { ...event, seq: null, reasons: event.reasons.filter((reason) => reason !== 'duress') };
}
