import { Center, Loader } from '@mantine/core';
import { Navigate, Outlet, useLocation } from 'react-router-dom';
import { ErrorState } from '../shell/list-states.tsx';
import { signInPath } from './return-path.ts';
import { useAccount } from './session-state.ts';

/** Shows the routes inside to somebody who is signed in, and the way to the sign-in page to anybody else. */
export function RequireSession() {
  const { data: account, error, isPending, refetch } = useAccount();
  const { pathname, search } = useLocation();
  if (isPending) {
    return (
      <Center mih="100dvh">
        <Loader aria-label="Loading" />
      </Center>
    );
  }
  if (account === undefined) {
    return (
      <Center mih="100dvh" p="md">
        <ErrorState error={error} onRetry={refetch} />
      </Center>
    );
  }
  return account ? <Outlet /> : <Navigate to={signInPath(`${pathname}${search}`)} replace />;
}
