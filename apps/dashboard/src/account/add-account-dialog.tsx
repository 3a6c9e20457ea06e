import { type Role, role } from '@latchkey/contracts';
import { Alert, Button, Code, CopyButton, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import { IconCheck, IconCircleCheck, IconCopy } from '@tabler/icons-react';
import { useState } from 'react';
import { DialogForm } from '../shell/dialog-form.tsx';
import { useCreateAccount } from './account-queries.ts';
import { firstPassword } from './first-password.ts';
import { roleOptions, roleWords } from './role-words.ts';

interface AddAccountDialogProps {
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** Makes an account with a random password, which is shown once. */
export function AddAccountDialog({ opened, onClose }: AddAccountDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Add an account" closeOnClickOutside={false}>
      <AccountForm onClose={onClose} />
    </Modal>
  );
}

function AccountForm({ onClose }: { onClose: () => void }) {
  const [email, setEmail] = useState('');
  const [chosenRole, setRole] = useState<Role>('viewer');
  const [password] = useState(firstPassword);
  const create = useCreateAccount();

  if (create.data) return <FirstPassword email={create.data.email} password={password} onClose={onClose} />;
  return (
    <DialogForm
      submitLabel="Make the account"
      errorTitle="The account was not made"
      error={create.error}
      pending={create.isPending}
      complete={email.trim() !== ''}
      onSubmit={() => create.mutate({ email: email.trim(), role: chosenRole, password })}
      onClose={onClose}
    >
      <TextInput
        label="E-mail address"
        type="email"
        required
        autoComplete="off"
        data-autofocus
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
      <Select
        label="Role"
        description={roleWords[chosenRole].may}
        data={roleOptions}
        value={chosenRole}
        onChange={(value) => setRole(role.catch('viewer').parse(value))}
        allowDeselect={false}
      />
    </DialogForm>
  );
}

function FirstPassword({ email, password, onClose }: { email: string; password: string; onClose: () => void }) {
  return (
    <Stack gap="md">
      <Alert color="green" icon={<IconCircleCheck aria-hidden />} title={`${email} may sign in`} role="status">
        Hand this password over; it is shown only now. The owner chooses another one under Account.
      </Alert>
      <Group gap="sm">
        <Code fz="md">{password}</Code>
        <CopyButton value={password}>
          {({ copied, copy }) => (
            <Button
              variant="default"
              leftSection={copied ? <IconCheck size={18} aria-hidden /> : <IconCopy size={18} aria-hidden />}
              onClick={copy}
            >
              {copied ? 'Copied' : 'Copy'}
            </Button>
          )}
        </CopyButton>
      </Group>
      <Group justify="flex-end">
        <Button onClick={onClose} data-autofocus>
          Done
        </Button>
      </Group>
    </Stack>
  );
}
