import type { UpdatePersonRequest } from '@latchkey/contracts';
import {
  keepPreviousData,
  type QueryClient,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { api } from '../api-client.ts';

const peopleKey = ['people'] as const;
const personKey = (id: string) => [...peopleKey, 'one', id] as const;
const photosKey = (id: string) => [...peopleKey, 'photos', id] as const;

/** Everything that was read about people is read again. */
export function forgetPeople(client: QueryClient): Promise<void> {
  return client.invalidateQueries({ queryKey: peopleKey });
}

/** Which people a list shows. */
export interface PeopleFilter {
  /** Part of the name. */
  readonly search?: string;
  readonly groupId?: string;
  /** The schedule that they are bound to. */
  readonly scheduleId?: string;
}

/** Pages of people, narrowed by a filter. */
export function usePeoplePages({ search, groupId, scheduleId }: PeopleFilter) {
  return useInfiniteQuery({
    queryKey: [...peopleKey, 'pages', search, groupId, scheduleId],
    queryFn: ({ pageParam, signal }) =>
      api.people({ search, groupId, scheduleId, limit: 60, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  });
}

/** The first people who are bound to a schedule. */
export function useBoundPeople(scheduleId: string, limit: number) {
  return useQuery({
    queryKey: [...peopleKey, 'bound', scheduleId, limit],
    queryFn: ({ signal }) => api.people({ scheduleId, limit }, signal),
    select: ({ items }) => items,
  });
}

/** The first people whose name contains a text, for fields that choose one. */
export function usePeopleSearch(search: string, enabled = true) {
  return useQuery({
    queryKey: [...peopleKey, 'search', search],
    queryFn: ({ signal }) => api.people({ search, limit: 20 }, signal),
    select: ({ items }) => items,
    placeholderData: keepPreviousData,
    enabled,
  });
}

/** One person. */
export function usePerson(id: string) {
  return useQuery({ queryKey: personKey(id), queryFn: ({ signal }) => api.person(id, signal), enabled: id !== '' });
}

/** The photos of a person. */
export function usePhotos(id: string) {
  return useQuery({
    queryKey: photosKey(id),
    queryFn: ({ signal }) => api.photos(id, signal),
    select: ({ items }) => items,
  });
}

/** Changes name, groups or the exception of a person. */
export function useUpdatePerson(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: UpdatePersonRequest) => api.updatePerson(id, change),
    onSuccess: () => forgetPeople(client),
  });
}

/** Removes one photo of a person and the encoding that was made of it. */
export function useDeletePhoto(personId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (photoId: string) => api.deletePhoto(personId, photoId),
    onSuccess: () => forgetPeople(client),
  });
}

/** Erases a person. The person's own page is not read again: it would only find that nobody is there. */
export function useDeletePerson(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => api.deletePerson(id),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: personKey(id), refetchType: 'none' });
      await client.invalidateQueries({ queryKey: [...peopleKey, 'pages'] });
    },
  });
}
