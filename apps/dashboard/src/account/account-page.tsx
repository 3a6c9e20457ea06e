import { Button, PasswordInput, Stack, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api } from '../api-client.ts';
import { useMay } from '../session/permissions.ts';
import { updateAccount, useAccount } from '../session/session-state.ts';
import { ErrorNote } from '../shell/list-states.tsx';
import { PageHeader } from '../shell/page-header.tsx';
import classes from './account.module.css';
import { AccountsSection } from './accounts-section.tsx';
import { newPasswordProblem } from './new-password.ts';
import { roleWords } from './role-words.ts';

/** Who is signed in, and a new password. */
export function AccountPage() {
  const { data: account } = useAccount();
  const mayManage = useMay('change-accounts');
  return (
    <>
      <PageHeader
        title="Account"
        summary={account && `${account.email}, ${roleWords[account.role].label.toLowerCase()}`}
      />
      <section className={classes.panel}>
        <Title order={2} size="h4" mb="md">
          Change the password
        </Title>
        <PasswordForm />
      </section>
      {mayManage && <AccountsSection />}
    </>
  );
}

function PasswordForm() {
  const client = useQueryClient();
  const { data: account } = useAccount();
  const [currentPassword, setCurrent] = useState('');
  const [newPassword, setNew] = useState('');
  const [repeated, setRepeated] = useState('');
  const change = useMutation({
    mutationFn: () => api.changePassword({ currentPassword, newPassword }),
    onSuccess: () => {
      updateAccount(client, { passwordGenerated: false });
      for (const clear of [setCurrent, setNew, setRepeated]) clear('');
      notifications.show({ color: 'green', message: 'The new password is in force.' });
    },
  });
  const problem = newPasswordProblem({ currentPassword, newPassword });
  const different = repeated !== '' && repeated !== newPassword;
  const complete = currentPassword !== '' && newPassword !== '' && repeated === newPassword && problem === null;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (complete) change.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        {/* Password managers want to know whose password it is. */}
        <input type="text" name="username" autoComplete="username" value={account?.email ?? ''} readOnly hidden />
        <PasswordInput
          label="Present password"
          autoComplete="current-password"
          required
          value={currentPassword}
          onChange={(event) => setCurrent(event.currentTarget.value)}
        />
        <PasswordInput
          label="New password"
          description="At least 12 characters. Several words that do not belong together are easy to keep in mind."
          autoComplete="new-password"
          required
          value={newPassword}
          onChange={(event) => setNew(event.currentTarget.value)}
          error={newPassword !== '' && problem}
        />
        <PasswordInput
          label="New password again"
          autoComplete="new-password"
          required
          value={repeated}
          onChange={(event) => setRepeated(event.currentTarget.value)}
          error={different && 'It is not the same as above.'}
        />
        {change.error && <ErrorNote title="The password was not changed" error={change.error} />}
        <div>
          <Button type="submit" loading={change.isPending} disabled={!complete}>
            Change the password
          </Button>
        </div>
      </Stack>
    </form>
  );
}
