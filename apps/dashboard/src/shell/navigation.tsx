import { Button, Text } from '@mantine/core';
import {
  IconCalendarTime,
  IconDoor,
  IconListDetails,
  IconLogout,
  IconUserCircle,
  IconUsers,
} from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { NavLink } from 'react-router-dom';
import { api } from '../api-client.ts';
import { endSession, useAccount } from '../session/session-state.ts';
import { ErrorNote } from './list-states.tsx';
import classes from './shell.module.css';

const pages = [
  { to: '/log', label: 'Live log', Icon: IconListDetails },
  { to: '/people', label: 'People', Icon: IconUsers },
  { to: '/schedules', label: 'Schedules', Icon: IconCalendarTime },
  { to: '/fleet', label: 'Fleet', Icon: IconDoor },
] as const;

/** Links to the pages, and at the foot who is signed in and the way out. */
export function Navigation() {
  const client = useQueryClient();
  const { data: account } = useAccount();
  const signOut = useMutation({ mutationFn: api.signOut, onSuccess: () => endSession(client) });
  return (
    <nav aria-label="Pages" className={classes.navigation}>
      {pages.map(({ to, label, Icon }) => (
        <NavLink key={to} to={to} className={classes.navLink}>
          <Icon size={20} stroke={1.7} aria-hidden />
          {label}
        </NavLink>
      ))}
      <div className={classes.navFoot}>
        {signOut.error && <ErrorNote title="Not signed out" error={signOut.error} />}
        <NavLink to="/account" className={classes.navLink}>
          <IconUserCircle size={20} stroke={1.7} aria-hidden />
          <span className={classes.navAccount}>
            Account
            <Text component="span" size="xs" className="lk-soft" truncate title={account?.email}>
              {account?.email}
            </Text>
          </span>
        </NavLink>
        <Button
          variant="subtle"
          color="gray"
          justify="flex-start"
          fullWidth
          fw={500}
          px={10}
          leftSection={<IconLogout size={20} stroke={1.7} aria-hidden />}
          loading={signOut.isPending}
          onClick={() => signOut.mutate()}
        >
          Sign out
        </Button>
      </div>
    </nav>
  );
}
