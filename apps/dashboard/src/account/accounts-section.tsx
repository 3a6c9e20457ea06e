import type { ListedAccount } from '@latchkey/contracts';
import { ActionIcon, Button, Group, Modal, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconTrash, IconUserPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useAccount } from '../session/session-state.ts';
import { exactDay } from '../shell/formats.ts';
import { ErrorNote, ErrorState, LoadingState } from '../shell/list-states.tsx';
import classes from './account.module.css';
import { useAccountPages, useDeleteAccount } from './account-queries.ts';
import { AddAccountDialog } from './add-account-dialog.tsx';
import { roleWords } from './role-words.ts';

/** Who may sign in; for admins. */
export function AccountsSection() {
  const accounts = useAccountPages();
  const { data: own } = useAccount();
  const [adding, add] = useDisclosure(false);
  const [deleting, setDeleting] = useState<ListedAccount | null>(null);
  const items = accounts.data?.pages.flatMap((page) => page.items);
  return (
    <section className={classes.panel} aria-labelledby="accounts">
      <Group justify="space-between" mb="md">
        <Title order={2} size="h4" id="accounts">
          Who may sign in
        </Title>
        <Button variant="default" size="xs" leftSection={<IconUserPlus size={16} aria-hidden />} onClick={add.open}>
          Add an account
        </Button>
      </Group>
      {accounts.isPending && <LoadingState rows={2} />}
      {accounts.isError && !items && <ErrorState error={accounts.error} onRetry={accounts.refetch} />}
      <ul className={classes.accounts} aria-label="Accounts">
        {items?.map((account) => (
          <li key={account.id} className={classes.account}>
            <div className={classes.accountText}>
              <Text size="sm" fw={600}>
                {account.email}
                {account.email === own?.email && ' (you)'}
              </Text>
              <Text size="sm" className="lk-soft">
                {roleWords[account.role].label}, since {exactDay(account.createdAt)}
              </Text>
            </div>
            {account.email !== own?.email && (
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={`Delete the account of ${account.email}`}
                onClick={() => setDeleting(account)}
              >
                <IconTrash size={18} aria-hidden />
              </ActionIcon>
            )}
          </li>
        ))}
      </ul>
      {accounts.hasNextPage && (
        <Button
          mt="md"
          variant="default"
          loading={accounts.isFetchingNextPage}
          onClick={() => accounts.fetchNextPage()}
        >
          Show more accounts
        </Button>
      )}
      <AddAccountDialog opened={adding} onClose={add.close} />
      <DeleteAccountDialog account={deleting} onClose={() => setDeleting(null)} />
    </section>
  );
}

function DeleteAccountDialog({ account, onClose }: { account: ListedAccount | null; onClose: () => void }) {
  const remove = useDeleteAccount();
  return (
    <Modal opened={account !== null} onClose={onClose} title="Delete this account?">
      <Stack gap="md">
        <Text size="sm">{account?.email} is signed out everywhere and cannot sign in any more.</Text>
        {remove.error && <ErrorNote title="Not deleted" error={remove.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Keep
          </Button>
          <Button
            color="red.9"
            loading={remove.isPending}
            onClick={() => account && remove.mutate(account.id, { onSuccess: onClose })}
          >
            Delete the account
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
