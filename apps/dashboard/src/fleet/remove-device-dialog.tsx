import type { DeviceView } from '@latchkey/contracts';
import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useNavigate } from 'react-router-dom';
import { ErrorNote } from '../shell/list-states.tsx';
import { useDeleteDevice } from './fleet-queries.ts';

interface RemoveDeviceDialogProps {
  readonly device: DeviceView;
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** Says what removing a device does before it is done. */
export function RemoveDeviceDialog({ device, opened, onClose }: RemoveDeviceDialogProps) {
  const navigate = useNavigate();
  const remove = useDeleteDevice(device.id);
  const confirm = () =>
    remove.mutate(undefined, {
      onSuccess: () => {
        notifications.show({ color: 'green', message: `${device.name} is removed from the fleet.` });
        void navigate('/fleet');
      },
    });
  return (
    <Modal opened={opened} onClose={onClose} title={`Remove ${device.name}?`}>
      <Stack gap="md">
        <Text size="sm">
          Its connection is cut and its identity file is worth nothing afterwards. Its events stay in the log. What it
          holds of people stays on the machine itself until that is wiped.
        </Text>
        {remove.error && <ErrorNote title="Not removed" error={remove.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Keep
          </Button>
          <Button color="red.9" loading={remove.isPending} onClick={confirm}>
            Remove the device
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
