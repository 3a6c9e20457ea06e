import type { CreateScheduleRequest, UpdateScheduleRequest } from '@latchkey/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../api-client.ts';
import { forgetPeople } from '../people/people-queries.ts';

const schedulesKey = ['schedules'] as const;

/** All schedules, by id; there are fifty at most. */
export function useSchedules() {
  return useQuery({
    queryKey: [...schedulesKey, 'all'],
    queryFn: ({ signal }) => api.schedules(signal),
    select: ({ items }) => items,
  });
}

/** One schedule. */
export function useSchedule(id: string) {
  return useQuery({
    queryKey: [...schedulesKey, 'one', id],
    queryFn: ({ signal }) => api.schedule(id, signal),
  });
}

/** Makes a schedule; devices have it with their next configuration. */
export function useCreateSchedule() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (schedule: CreateScheduleRequest) => api.createSchedule(schedule),
    onSuccess: () => client.invalidateQueries({ queryKey: schedulesKey }),
  });
}

/** Changes name or times of a schedule. */
export function useUpdateSchedule(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: UpdateScheduleRequest) => api.updateSchedule(id, change),
    onSuccess: (schedule) => {
      client.setQueryData([...schedulesKey, 'one', id], schedule);
      return client.invalidateQueries({ queryKey: schedulesKey });
    },
  });
}

/** Deletes a schedule that nobody is bound to. Its own page is not read again: it would only find that nothing is there. */
export function useDeleteSchedule(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => api.deleteSchedule(id),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: [...schedulesKey, 'one', id], refetchType: 'none' });
      await client.invalidateQueries({ queryKey: [...schedulesKey, 'all'] });
    },
    // Somebody was bound to it meanwhile, or it is gone.
    onError: async () => {
      await client.invalidateQueries({ queryKey: schedulesKey });
      await forgetPeople(client);
    },
  });
}
