import type { PersonView } from '@latchkey/contracts';
import { Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import { GroupsSelect } from '../groups/groups-select.tsx';
import { DialogForm } from '../shell/dialog-form.tsx';
import { useUpdatePerson } from './people-queries.ts';

interface EditPersonDialogProps {
  readonly person: PersonView;
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** Name and groups of a person. */
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
  const update = useUpdatePerson(person.id);
  return (
    <DialogForm
      submitLabel="Save"
      errorTitle="Not saved"
      error={update.error}
      pending={update.isPending}
      complete={name.trim() !== ''}
      onSubmit={() => update.mutate({ name: name.trim(), groupIds }, { onSuccess: onClose })}
      onClose={onClose}
    >
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
    </DialogForm>
  );
}
