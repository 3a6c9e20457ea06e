import { type EventView, uuid } from '@latchkey/contracts';
import { useQuery } from '@tanstack/react-query';
import { api } from '../api-client.ts';

/** The event of an id: out of the list where it is there, else read on its own, so that links to old events work. */
export function useOpenedEvent(shown: readonly EventView[], id: string | null): EventView | null {
  const listed = shown.find((event) => event.id === id);
  const wanted = id !== null && uuid.safeParse(id).success;
  const { data } = useQuery({
    queryKey: ['events', 'one', id],
    queryFn: ({ signal }) => api.event(id ?? '', signal),
    enabled: wanted && listed === undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return listed ?? (wanted ? (data ?? null) : null);
}
