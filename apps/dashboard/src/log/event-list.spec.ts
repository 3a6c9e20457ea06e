import { describe, expect, it } from '@jest/globals';
import type { EventView } from '@latchkey/contracts';
import { anEvent } from './event-factory.ts';
import {
  type EventList,
  type EventListAction,
  emptyEventList,
  eventListReducer,
  maxShownEvents,
} from './event-list.ts';

function after(...actions: EventListAction[]): EventList {
  return actions.reduce(eventListReducer, emptyEventList);
}

function events(count: number): EventView[] {
  return Array.from({ length: count }, () => anEvent());
}

const newestPage = (items: readonly EventView[], nextCursor: string | null = 'more') =>
  ({ type: 'newest-page', items: [...items].reverse(), nextCursor }) as const;
const arrived = (...items: EventView[]) => ({ type: 'arrived', events: items }) as const;
const ids = (list: readonly EventView[]) => list.map(({ id }) => id);
const newestFirst = (list: readonly EventView[]) => ids(list).reverse();

describe('the event list', () => {
  it('shows an event once that came by the stream and in the page', () => {
    const [a, b, c] = events(3) as [EventView, EventView, EventView];
    const list = after(arrived(c), newestPage([a, b, c]), arrived(b));
    expect(ids(list.shown)).toEqual(newestFirst([a, b, c]));
    expect(list.nextCursor).toBe('more');
  });

  it('puts what was received last on top, also when it happened long ago on a device that was away', () => {
    const [a, b] = events(2) as [EventView, EventView];
    const late = anEvent({ occurredAt: '2026-01-01T00:00:00.000Z' });
    expect(ids(after(newestPage([a, b]), arrived(late)).shown)).toEqual(newestFirst([a, b, late]));
  });

  it('keeps the order of events that were received together', () => {
    const receivedAt = '2026-06-01T00:00:00.000Z';
    const [a, b, c, d] = [1, 2, 3, 4].map(() => anEvent({ receivedAt })) as [
      EventView,
      EventView,
      EventView,
      EventView,
    ];
    const older = { type: 'older-page', items: [a], nextCursor: null } as const;
    expect(ids(after(newestPage([b, c]), arrived(c, d), older).shown)).toEqual(newestFirst([a, b, c, d]));
  });

  it('takes the newest version of an event', () => {
    const event = anEvent();
    const list = after(newestPage([event]), arrived({ ...event, personName: 'Ada' }));
    expect(list.shown).toEqual([{ ...event, personName: 'Ada' }]);
  });

  it('appends older pages and remembers where they go on', () => {
    const all = events(6);
    const list = after(newestPage(all.slice(3)), {
      type: 'older-page',
      items: all.slice(0, 3).reverse(),
      nextCursor: null,
    });
    expect(ids(list.shown)).toEqual(newestFirst(all));
    expect(list.nextCursor).toBeNull();
  });

  it('holds what arrives while it is paused and shows it on resuming', () => {
    const [a, b, c] = events(3) as [EventView, EventView, EventView];
    const paused = after(newestPage([a]), { type: 'paused' }, arrived(b), arrived(a, c));
    expect(ids(paused.shown)).toEqual([a.id]);
    expect(paused.held).toHaveLength(2);
    const resumed = eventListReducer(paused, { type: 'resumed' });
    expect(ids(resumed.shown)).toEqual(newestFirst([a, b, c]));
    expect(resumed.held).toEqual([]);
  });

  it('closes the gap of a lost connection when the page reaches what is shown', () => {
    const all = events(5);
    const list = after(newestPage(all.slice(0, 3), 'first cursor'), newestPage(all.slice(2), 'second cursor'));
    expect(ids(list.shown)).toEqual(newestFirst(all));
    expect(list.nextCursor).toBe('first cursor');
  });

  it('starts anew when more was missed than a page holds, without a hole and with what is newer', () => {
    const all = events(9);
    const newest = all.at(-1) as EventView;
    const list = after(newestPage(all.slice(0, 3), 'old'), arrived(newest), newestPage(all.slice(5, 8), 'new'));
    expect(ids(list.shown)).toEqual(newestFirst(all.slice(5)));
    expect(list.nextCursor).toBe('new');
  });

  it('lets the oldest go beyond its limit and says so', () => {
    const all = events(maxShownEvents + 2);
    const list = after(newestPage(all.slice(0, 2)), arrived(...all.slice(2)));
    expect(list.shown).toHaveLength(maxShownEvents);
    expect(list.shown.at(-1)?.id).toBe(all[2]?.id);
    expect(list.cut).toBe(true);
  });

  it('begins empty for another filter and stays paused', () => {
    expect(after(newestPage(events(2)), { type: 'paused' }, { type: 'reset' })).toEqual({
      ...emptyEventList,
      paused: true,
    });
  });
});
