import { Alert, Anchor } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { Link, useLocation } from 'react-router-dom';
import { useAccount } from '../session/session-state.ts';

/** Reminds of the generated password, which stood on a console, until it is changed. */
export function PasswordBanner() {
  const { data: account } = useAccount();
  const { pathname } = useLocation();
  if (!account?.passwordGenerated) return null;
  return (
    <Alert color="yellow" icon={<IconKey aria-hidden />} mb="lg" role="note" aria-label="Generated password">
      This account still has the password that was generated at first start; it stood on the console.{' '}
      {pathname === '/account' ? (
        'Choose your own below.'
      ) : (
        <Anchor component={Link} to="/account" inherit fw={600} underline="always">
          Choose your own
        </Anchor>
      )}
    </Alert>
  );
}
