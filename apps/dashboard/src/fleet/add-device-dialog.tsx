import type { AgentIdentity } from '@latchkey/contracts';
import { Modal } from '@mantine/core';
import { useState } from 'react';
import { GroupsSelect } from '../groups/groups-select.tsx';
import { DialogForm } from '../shell/dialog-form.tsx';
import { NameAndIdFields, useNameAndId } from '../shell/name-and-id.tsx';
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
  const device = useNameAndId();
  const [groupIds, setGroupIds] = useState<string[]>(['everyone']);
  const create = useCreateDevice();
  return (
    <DialogForm
      submitLabel="Add the device"
      errorTitle="The device was not added"
      error={create.error}
      pending={create.isPending}
      complete={device.complete}
      onSubmit={() => create.mutate({ id: device.id, name: device.name.trim(), groupIds }, { onSuccess: onCreated })}
      onClose={onClose}
    >
      <NameAndIdFields value={device} description="Where it is, for people: Front door" />
      <div>
        <GroupsSelect
          description="The device holds the faces of the people in these groups."
          value={groupIds}
          onChange={setGroupIds}
        />
      </div>
    </DialogForm>
  );
}
