import { type EventsQuery, eventsQuery } from '@latchkey/contracts';

/** What the log is narrowed to. `from` is inclusive, `to` exclusive, both ISO 8601 and by the device's time. */
export type EventFilter = Partial<Pick<EventsQuery, 'deviceId' | 'personId' | 'kind' | 'decision' | 'from' | 'to'>>;

const keys = ['deviceId', 'personId', 'kind', 'decision', 'from', 'to'] as const;

/** The filter in an address; what is not valid there is left out. */
export function filterFromSearch(search: URLSearchParams): EventFilter {
  return Object.fromEntries(
    keys.flatMap((key) => {
      const parsed = eventsQuery.shape[key].safeParse(search.get(key) ?? undefined);
      return parsed.success && parsed.data !== undefined ? [[key, parsed.data]] : [];
    }),
  );
}

/** `search` with this filter instead of its own; other parameters stay. */
export function withFilter(search: URLSearchParams, filter: EventFilter): URLSearchParams {
  const result = new URLSearchParams(search);
  for (const key of keys) {
    const value = filter[key];
    if (value === undefined) result.delete(key);
    else result.set(key, value);
  }
  return result;
}

/** Whether nothing is filtered. */
export function isEmptyFilter(filter: EventFilter): boolean {
  return keys.every((key) => filter[key] === undefined);
}
