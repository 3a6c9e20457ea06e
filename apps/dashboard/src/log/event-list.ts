import type { EventView } from '@latchkey/contracts';

/** Events in memory at most: beyond that the oldest shown ones go, and the end of the list says so. */
export const maxShownEvents = 1_000;

/** What the log shows: one list out of REST pages and the live stream, newest first, every event once. */
export interface EventList {
  readonly shown: readonly EventView[];
  /** Arrived while the list was paused. */
  readonly held: readonly EventView[];
  readonly paused: boolean;
  /** Whether a page was read: what the stream brought before that has no cursor. */
  readonly paged: boolean;
  /** Cursor of the next older page, null at the end. */
  readonly nextCursor: string | null;
  /** The oldest shown events were let go to keep the page light; `nextCursor` then no longer fits. */
  readonly cut: boolean;
}

/** What can happen to the list. */
export type EventListAction =
  | { readonly type: 'reset' }
  | { readonly type: 'newest-page'; readonly items: readonly EventView[]; readonly nextCursor: string | null }
  | { readonly type: 'older-page'; readonly items: readonly EventView[]; readonly nextCursor: string | null }
  /** By the live stream, oldest first. */
  | { readonly type: 'arrived'; readonly events: readonly EventView[] }
  | { readonly type: 'paused' }
  | { readonly type: 'resumed' };

/** A list before its first page. */
export const emptyEventList: EventList = {
  shown: [],
  held: [],
  paused: false,
  paged: false,
  nextCursor: null,
  cut: false,
};

/** The list after something happened. */
export function eventListReducer(list: EventList, action: EventListAction): EventList {
  switch (action.type) {
    case 'reset':
      return { ...emptyEventList, paused: list.paused };
    case 'newest-page':
      return withNewestPage(list, action.items, action.nextCursor);
    case 'older-page':
      return { ...list, shown: mergeEvents(list.shown, action.items), nextCursor: action.nextCursor };
    case 'arrived':
      return withArrived(list, action.events.toReversed());
    case 'paused':
      return { ...list, paused: true };
    case 'resumed':
      return withinLimit({ ...list, paused: false, held: [], shown: mergeEvents(list.held, list.shown) });
  }
}

function withArrived(list: EventList, newestFirst: readonly EventView[]): EventList {
  return list.paused
    ? { ...list, held: without(mergeEvents(newestFirst, list.held), list.shown) }
    : withinLimit({ ...list, shown: mergeEvents(newestFirst, list.shown) });
}

/**
 * Takes the newest page over, at first and again after a lost connection. When it does not reach what is shown, more arrived
 * meanwhile than a page holds: the list starts anew from the page, so that it has no hole.
 */
function withNewestPage(list: EventList, items: readonly EventView[], nextCursor: string | null): EventList {
  const shownIds = new Set(list.shown.map(({ id }) => id));
  const reaches = nextCursor === null || items.some(({ id }) => shownIds.has(id));
  if (list.paged && reaches) return withinLimit({ ...list, shown: mergeEvents(items, list.shown) });
  const oldest = items.at(-1);
  const newer = oldest ? list.shown.filter((event) => compareNewestFirst(event, oldest) < 0) : list.shown;
  return { ...list, shown: mergeEvents(items, newer), paged: true, nextCursor, cut: false };
}

function withinLimit(list: EventList): EventList {
  return list.shown.length <= maxShownEvents
    ? list
    : { ...list, shown: list.shown.slice(0, maxShownEvents), cut: true };
}

/**
 * Both lists in one, newest first, every event once; of two versions of one event that of `upper` stays. The log's order is that
 * in which central received: an event of a device that was away comes on top. Events that were received at the same time keep
 * the order in which they are given.
 */
export function mergeEvents(upper: readonly EventView[], lower: readonly EventView[]): readonly EventView[] {
  const byId = new Map<string, EventView>();
  for (const event of [...upper, ...lower]) if (!byId.has(event.id)) byId.set(event.id, event);
  return [...byId.values()].sort(compareNewestFirst);
}

function without(events: readonly EventView[], others: readonly EventView[]): readonly EventView[] {
  const ids = new Set(others.map(({ id }) => id));
  return events.filter(({ id }) => !ids.has(id));
}

function compareNewestFirst(a: EventView, b: EventView): number {
  return a.receivedAt === b.receivedAt ? 0 : a.receivedAt < b.receivedAt ? 1 : -1;
}
