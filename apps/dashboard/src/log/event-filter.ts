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

/** A time as `<input type="datetime-local">` takes it: local, to the second. Empty for none. */
export function toLocalInput(instant: string | undefined): string {
  if (instant === undefined) return '';
  const at = new Date(instant);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

/** The instant that somebody typed in local time; undefined for nothing or no date. */
export function fromLocalInput(text: string): string | undefined {
  const at = new Date(text);
  return text === '' || Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}
