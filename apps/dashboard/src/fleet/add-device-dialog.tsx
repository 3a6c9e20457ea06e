import type { AgentIdentity } from '@latchkey/contracts';
import { slug } from '@latchkey/contracts';
import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { GroupsSelect } from '../groups/groups-select.tsx';
import { ErrorNote } from '../shell/list-states.tsx';
import { slugOf } from '../slug.ts';
import { useCreateDevice } from './fleet-queries.ts';
import { IdentityFile } from './identity-file.tsx';

interface AddDeviceDialogProps {
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** Makes a device and shows its identity file, once. */
export function AddDeviceDialog({ opened, onClose }: AddDeviceDialogProps) {
  const [identity, setIdentity] = useState<AgentIdentity | null>(null);
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      onExitTransitionEnd={() => setIdentity(null)}
      title={identity ? `Identity of ${identity.deviceId}` : 'Add a device'}
      size="lg"
      // The file is shown only once: leaving takes a button, not a stray click.
      closeOnClickOutside={identity === null}
    >
      {identity ? (
        <IdentityFile identity={identity} onClose={onClose} />
      ) : (
        <DeviceForm onClose={onClose} onCreated={setIdentity} />
      )}
    </Modal>
  );
}

function DeviceForm({ onClose, onCreated }: { onClose: () => void; onCreated: (identity: AgentIdentity) => void }) {
  const [name, setName] = useState('');
  const [typedId, setTypedId] = useState<string | null>(null);
  const [groupIds, setGroupIds] = useState<string[]>(['everyone']);
  const create = useCreateDevice();
  const id = typedId ?? slugOf(name);
  const idIsValid = slug.safeParse(id).success;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate({ id, name: name.trim(), groupIds }, { onSuccess: onCreated });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <TextInput
          label="Name"
          description="Where it is, for people: Front door"
          required
          maxLength={200}
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label="Id"
          description="Lower-case letters, digits and hyphens. It cannot be changed later."
          required
          value={id}
          onChange={(event) => setTypedId(event.currentTarget.value)}
          error={id !== '' && !idIsValid ? 'Only lower-case letters, digits and hyphens, at most 64.' : undefined}
        />
        <div>
          <GroupsSelect
            description="The device holds the faces of the people in these groups."
            value={groupIds}
            onChange={setGroupIds}
          />
        </div>
        {create.error && <ErrorNote title="The device was not added" error={create.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending} disabled={name.trim() === '' || !idIsValid}>
            Add the device
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
