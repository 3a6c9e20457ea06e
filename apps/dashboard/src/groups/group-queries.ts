import type { CreateGroupRequest } from '@latchkey/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../api-client.ts';

const groupsKey = ['groups'] as const;

/** All groups, by id. */
export function useGroups() {
  return useQuery({ queryKey: groupsKey, queryFn: ({ signal }) => api.groups(signal), select: ({ items }) => items });
}

/** Makes a group and reads the list again. */
export function useCreateGroup() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (group: CreateGroupRequest) => api.createGroup(group),
    onSuccess: () => client.invalidateQueries({ queryKey: groupsKey }),
  });
}
