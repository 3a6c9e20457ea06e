import type { EventsQuery, EventView } from '@latchkey/contracts';

/** Which events somebody wants; what is absent does not matter. */
export type EventFilter = Pick<EventsQuery, 'deviceId' | 'personId' | 'kind' | 'decision' | 'from' | 'to'>;

/** Whether an event is one of those; the same as the `WHERE` of {@link EventsRepository}. */
export function matchesFilter(filter: EventFilter, event: EventView): boolean {
  const occurredAt = Date.parse(event.occurredAt);
  return (
    (filter.deviceId === undefined || filter.deviceId === event.deviceId) &&
    (filter.personId === undefined || filter.personId === event.personId) &&
    (filter.kind === undefined || filter.kind === event.kind) &&
    (filter.decision === undefined || filter.decision === event.decision) &&
    (filter.from === undefined || occurredAt >= Date.parse(filter.from)) &&
    (filter.to === undefined || occurredAt < Date.parse(filter.to))
  );
}
