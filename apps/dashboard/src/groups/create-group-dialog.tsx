import type { GroupView } from '@latchkey/contracts';
import { Modal, Text } from '@mantine/core';
import { DialogForm } from '../shell/dialog-form.tsx';
import { NameAndIdFields, useNameAndId } from '../shell/name-and-id.tsx';
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
  const group = useNameAndId();
  const create = useCreateGroup();
  return (
    <DialogForm
      submitLabel="Make the group"
      errorTitle="The group was not made"
      error={create.error}
      pending={create.isPending}
      complete={group.complete}
      onSubmit={() => create.mutate({ id: group.id, name: group.name.trim() }, { onSuccess: onCreated })}
      onClose={onClose}
    >
      <Text size="sm" className="lk-soft">
        Devices hold the faces of their groups, and only those.
      </Text>
      <NameAndIdFields value={group} />
    </DialogForm>
  );
}
