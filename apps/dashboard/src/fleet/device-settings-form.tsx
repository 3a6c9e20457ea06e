import type { DeviceView } from '@latchkey/contracts';
import { Button, Group, Stack, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { type FormEvent, useState } from 'react';
import { GroupsSelect } from '../groups/groups-select.tsx';
import { useMay } from '../session/permissions.ts';
import { ErrorNote } from '../shell/list-states.tsx';
import { useUpdateDevice } from './fleet-queries.ts';

/** Name and groups of a device. */
export function DeviceSettingsForm({ device }: { device: DeviceView }) {
  const may = useMay('change-devices');
  const [name, setName] = useState(device.name);
  const [groupIds, setGroupIds] = useState(() => device.galleries.map((gallery) => gallery.groupId));
  const update = useUpdateDevice(device.id);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    update.mutate(
      { name: name.trim(), groupIds },
      { onSuccess: () => notifications.show({ message: `${name.trim()} is saved.`, color: 'green' }) },
    );
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <TextInput
          label="Name"
          required
          maxLength={200}
          disabled={!may}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <div>
          <GroupsSelect
            description="The device holds the faces of the people in these groups."
            value={groupIds}
            onChange={setGroupIds}
            disabled={!may}
          />
        </div>
        {update.error && <ErrorNote title="Not saved" error={update.error} />}
        {may && (
          <Group justify="flex-end">
            <Button type="submit" variant="default" loading={update.isPending} disabled={name.trim() === ''}>
              Save name and groups
            </Button>
          </Group>
        )}
      </Stack>
    </form>
  );
}
