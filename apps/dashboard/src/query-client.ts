import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiError, isSessionEnded } from './api-error.ts';
import { endSession } from './session/session-state.ts';

/** The cache of everything read from central. Any answer that says "signed out" ends the session, whoever asked. */
export function createQueryClient(): QueryClient {
  const leaveWhenSignedOut = (error: unknown) => {
    if (isSessionEnded(error)) endSession(client);
  };
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError: leaveWhenSignedOut }),
    mutationCache: new MutationCache({ onError: leaveWhenSignedOut }),
    defaultOptions: {
      queries: { staleTime: 3_000, retry: (failures, error) => failures < 2 && mayPass(error) },
    },
  });
  return client;
}

/** Whether asking again may help: central was away or had a fault. */
function mayPass(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status >= 500);
}
