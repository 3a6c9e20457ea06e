import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useReducer, useRef, useState } from 'react';
import { api } from '../api-client.ts';
import type { EventFilter } from './event-filter.ts';
import { type EventList, emptyEventList, eventListReducer } from './event-list.ts';
import { type StreamState, useEventStream } from './use-event-stream.ts';

/** The log under a filter, and what can be done with it. */
export interface EventLog {
  readonly list: EventList;
  readonly stream: StreamState;
  /** Whether the first page is still on its way. */
  readonly loading: boolean;
  /** Why the newest page could not be read. */
  readonly error: unknown;
  readonly loadingOlder: boolean;
  readonly olderError: unknown;
  readonly pause: () => void;
  readonly resume: () => void;
  readonly loadOlder: () => void;
  readonly reload: () => void;
}

/** Reads the newest page, follows the live stream, and reads again what a lost connection may have missed. */
export function useEventLog(filter: EventFilter, pageSize = 50): EventLog {
  const client = useQueryClient();
  const [list, dispatch] = useReducer(eventListReducer, emptyEventList);
  const [loading, setLoading] = useState(true);
  const [error, setError] = useState<unknown>(null);
  const [loadingOlder, setLoadingOlder] = useState(false);
  const [olderError, setOlderError] = useState<unknown>(null);
  const missedWhilePaused = useRef(false);
  const filterKey = JSON.stringify(filter);
  /** Answers to an earlier filter are dropped. */
  const current = useRef(filterKey);

  const readPage = (cursor?: string) =>
    client.fetchQuery({
      queryKey: ['events', filter, pageSize, cursor ?? 'newest'],
      queryFn: ({ signal }) => api.events({ ...filter, limit: pageSize, cursor }, signal),
      staleTime: 0,
      gcTime: 0,
    });

  const loadNewest = async () => {
    const asked = filterKey;
    try {
      const { items, nextCursor } = await readPage();
      if (current.current !== asked) return;
      dispatch({ type: 'newest-page', items, nextCursor });
      setError(null);
    } catch (failure) {
      if (current.current === asked) setError(failure);
    }
    if (current.current === asked) setLoading(false);
  };

  const loadOlder = async () => {
    if (list.nextCursor === null || loadingOlder) return;
    const asked = filterKey;
    setLoadingOlder(true);
    try {
      const { items, nextCursor } = await readPage(list.nextCursor);
      if (current.current === asked) dispatch({ type: 'older-page', items, nextCursor });
      setOlderError(null);
    } catch (failure) {
      setOlderError(failure);
    }
    setLoadingOlder(false);
  };

  const begin = useEffectEvent(() => {
    current.current = filterKey;
    dispatch({ type: 'reset' });
    setLoading(true);
    setError(null);
    setOlderError(null);
    void loadNewest();
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new filter begins a new list
  useEffect(() => begin(), [filterKey]);

  const stream = useEventStream(filter, {
    onEvents: (events) => dispatch({ type: 'arrived', events }),
    onOpen: () => {
      if (list.paused) missedWhilePaused.current = true;
      else void loadNewest();
    },
  });

  return {
    list,
    stream,
    loading,
    error,
    loadingOlder,
    olderError,
    pause: () => dispatch({ type: 'paused' }),
    resume: () => {
      dispatch({ type: 'resumed' });
      if (missedWhilePaused.current) void loadNewest();
      missedWhilePaused.current = false;
    },
    loadOlder: () => void loadOlder(),
    reload: () => {
      setLoading(true);
      void loadNewest();
    },
  };
}
