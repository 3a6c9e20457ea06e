import type { PersonView } from '@latchkey/contracts';
import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { GroupsSelect } from '../groups/groups-select.tsx';
import { ErrorNote } from '../shell/list-states.tsx';
import { AlwaysSwitch } from './enrol-dialog.tsx';
import { useUpdatePerson } from './people-queries.ts';

interface EditPersonDialogProps {
  readonly person: PersonView;
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** Name, groups and the exception of a person. */
export function EditPersonDialog({ person, opened, onClose }: EditPersonDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Name and groups">
      <EditForm person={person} onClose={onClose} />
    </Modal>
  );
}

function EditForm({ person, onClose }: { person: PersonView; onClose: () => void }) {
  const [name, setName] = useState(person.name);
  const [groupIds, setGroupIds] = useState<string[]>([...person.groupIds]);
  const [always, setAlways] = useState(person.always);
  const update = useUpdatePerson(person.id);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    update.mutate({ name: name.trim(), groupIds, always }, { onSuccess: onClose });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <TextInput
          label="Name"
          required
          maxLength={200}
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <div>
          <GroupsSelect
            description="Doors open for the people of their groups."
            value={groupIds}
            onChange={setGroupIds}
          />
        </div>
        <AlwaysSwitch checked={always} onChange={setAlways} />
        {update.error && <ErrorNote title="Not saved" error={update.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={update.isPending} disabled={name.trim() === ''}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
