import { type EventView, eventView } from '@latchkey/contracts';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useState } from 'react';
import { eventStreamAddress } from '../api-client.ts';
import { checkSession } from '../session/session-state.ts';
import type { EventFilter } from './event-filter.ts';

/** State of the live stream. `resting`: the tab is hidden and holds no connection. */
export type StreamState = 'connecting' | 'live' | 'reconnecting' | 'resting';

interface StreamHandlers {
  readonly onEvents: (events: readonly EventView[]) => void;
  /** The stream is open, at first or again, or has passed events over: what is missing has to be read. */
  readonly onOpen: () => void;
}

/** Events that arrive within this time are handed on together. */
const gatherMs = 100;
const firstRetryMs = 1_000;
const maxRetryMs = 15_000;

/**
 * The live stream of the events that match a filter. The browser reconnects by itself after a lost connection; where it gives up (central restarts and
 * answers 502, the session ended) this does, with growing pauses. A hidden tab lets its connection go: browsers allow six to a host.
 */
export function useEventStream(filter: EventFilter, handlers: StreamHandlers): StreamState {
  const address = eventStreamAddress(filter);
  const [state, setState] = useState<StreamState>('connecting');
  const client = useQueryClient();
  const onEvents = useEffectEvent(handlers.onEvents);
  const onOpen = useEffectEvent(handlers.onOpen);
  const onRefused = useEffectEvent(() => void checkSession(client));

  useEffect(() => {
    let source: EventSource | null = null;
    let retryMs = firstRetryMs;
    let retryTimer: ReturnType<typeof setTimeout> | undefined;
    let gatherTimer: ReturnType<typeof setTimeout> | undefined;
    let gathered: EventView[] = [];

    const flush = () => {
      gatherTimer = undefined;
      const events = gathered;
      gathered = [];
      onEvents(events);
    };
    const receive = (message: MessageEvent<string>) => {
      const event = parseEvent(message.data);
      if (!event) return;
      gathered.push(event);
      gatherTimer ??= setTimeout(flush, gatherMs);
    };
    const close = () => {
      source?.close();
      source = null;
      clearTimeout(retryTimer);
    };
    const open = () => {
      close();
      const opened = new EventSource(address);
      source = opened;
      opened.addEventListener('open', () => {
        retryMs = firstRetryMs;
        setState('live');
        onOpen();
      });
      opened.addEventListener('message', receive);
      opened.addEventListener('gap', () => onOpen());
      opened.addEventListener('error', () => {
        setState('reconnecting');
        if (opened.readyState !== EventSource.CLOSED) return;
        onRefused();
        retryTimer = setTimeout(open, retryMs);
        retryMs = Math.min(retryMs * 2, maxRetryMs);
      });
    };
    const followVisibility = () => {
      if (document.hidden) {
        close();
        setState('resting');
      } else if (source === null) {
        setState('connecting');
        open();
      }
    };

    followVisibility();
    document.addEventListener('visibilitychange', followVisibility);
    return () => {
      document.removeEventListener('visibilitychange', followVisibility);
      clearTimeout(gatherTimer);
      close();
    };
  }, [address]);

  return state;
}

/** The event of a message; null for one of another form, such as a heartbeat or an event of a newer central. */
function parseEvent(data: string): EventView | null {
  try {
    const parsed = eventView.safeParse(JSON.parse(data));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
