import type { GroupView } from '@latchkey/contracts';
import { slug } from '@latchkey/contracts';
import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { ErrorNote } from '../shell/list-states.tsx';
import { slugOf } from '../slug.ts';
import { useCreateGroup } from './group-queries.ts';

interface CreateGroupDialogProps {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly onCreated: (group: GroupView) => void;
}

/** Asks for name and id of a new group. */
export function CreateGroupDialog({ opened, onClose, onCreated }: CreateGroupDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="New group">
      <GroupForm onClose={onClose} onCreated={onCreated} />
    </Modal>
  );
}

function GroupForm({ onClose, onCreated }: Omit<CreateGroupDialogProps, 'opened'>) {
  const [name, setName] = useState('');
  const [typedId, setTypedId] = useState<string | null>(null);
  const create = useCreateGroup();
  const id = typedId ?? slugOf(name);
  const idIsValid = slug.safeParse(id).success && !id.startsWith('_');

  const submit = (event: FormEvent) => {
    event.preventDefault();
    // The dialog may stand inside another form of the page.
    event.stopPropagation();
    create.mutate({ id, name: name.trim() }, { onSuccess: onCreated });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <Text size="sm" className="lk-soft">
          Devices hold the faces of their groups, and only those.
        </Text>
        <TextInput label="Name" required data-autofocus value={name} onChange={(e) => setName(e.currentTarget.value)} />
        <TextInput
          label="Id"
          description="Lower-case letters, digits and hyphens. It cannot be changed later."
          required
          value={id}
          onChange={(e) => setTypedId(e.currentTarget.value)}
          error={id !== '' && !idIsValid ? 'Only lower-case letters, digits and hyphens, at most 64.' : undefined}
        />
        {create.error && <ErrorNote title="The group was not made" error={create.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending} disabled={name.trim() === '' || !idIsValid}>
            Make the group
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
