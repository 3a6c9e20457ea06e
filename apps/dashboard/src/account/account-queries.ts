import type { CreateAccountRequest } from '@latchkey/contracts';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../api-client.ts';

const accountsKey = ['accounts'] as const;

/** Pages of the accounts of everybody who may sign in; for admins. */
export function useAccountPages() {
  return useInfiniteQuery({
    queryKey: accountsKey,
    queryFn: ({ pageParam, signal }) => api.accounts({ limit: 100, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  });
}

/** Makes an account. */
export function useCreateAccount() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (account: CreateAccountRequest) => api.createAccount(account),
    onSuccess: () => client.invalidateQueries({ queryKey: accountsKey }),
  });
}

/** Deletes an account and ends its sessions. */
export function useDeleteAccount() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => api.deleteAccount(id),
    onSuccess: () => client.invalidateQueries({ queryKey: accountsKey }),
  });
}
