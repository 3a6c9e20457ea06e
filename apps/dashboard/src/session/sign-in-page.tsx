import { Button, Paper, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Navigate, useSearchParams } from 'react-router-dom';
import { api } from '../api-client.ts';
import { ErrorNote } from '../shell/list-states.tsx';
import { Logo } from '../shell/logo.tsx';
import { SchemeToggle } from '../shell/scheme-toggle.tsx';
import { usePageTitle } from '../shell/use-page-title.ts';
import { returnPath } from './return-path.ts';
import { beginSession, useAccount } from './session-state.ts';
import classes from './sign-in.module.css';

/** E-mail address and password; afterwards the page that was asked for. */
export function SignInPage() {
  usePageTitle('Sign in');
  const client = useQueryClient();
  const [search] = useSearchParams();
  const { data: account } = useAccount();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const signIn = useMutation({
    mutationFn: () => api.signIn({ email: email.trim(), password }),
    onSuccess: (answer) => beginSession(client, answer.account),
  });

  if (account) return <Navigate to={returnPath(search)} replace />;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate();
  };
  return (
    <div className={classes.page}>
      <div className={classes.scheme}>
        <SchemeToggle />
      </div>
      <main className={classes.panel}>
        <Logo height={40} />
        <Paper className={classes.card}>
          <form onSubmit={submit}>
            <Stack gap="md">
              <div>
                <Title order={1}>Sign in</Title>
                {search.has('back') && (
                  <Text size="sm" className="lk-soft" mt={4}>
                    You will be taken back to the page that you came from.
                  </Text>
                )}
              </div>
              <TextInput
                label="E-mail address"
                type="email"
                name="email"
                autoComplete="username"
                required
                autoFocus
                value={email}
                onChange={(event) => setEmail(event.currentTarget.value)}
              />
              <PasswordInput
                label="Password"
                name="password"
                autoComplete="current-password"
                required
                value={password}
                onChange={(event) => setPassword(event.currentTarget.value)}
              />
              {signIn.error && <ErrorNote title="Not signed in" error={signIn.error} />}
              <Button type="submit" loading={signIn.isPending} fullWidth>
                Sign in
              </Button>
            </Stack>
          </form>
        </Paper>
        <Text size="sm" className="lk-soft">
          First start? The console that runs Latchkey shows the address and the generated password of the first account.
        </Text>
      </main>
    </div>
  );
}
