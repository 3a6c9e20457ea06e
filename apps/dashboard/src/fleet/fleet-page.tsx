import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconDoor, IconPlus } from '@tabler/icons-react';
import { useMay } from '../session/permissions.ts';
import { ErrorState, LoadingState, NothingHere } from '../shell/list-states.tsx';
import { PageHeader } from '../shell/page-header.tsx';
import { AddDeviceDialog } from './add-device-dialog.tsx';
import { DeviceRow } from './device-row.tsx';
import { fleetSummary } from './device-state.ts';
import classes from './fleet.module.css';
import { useDevicePages } from './fleet-queries.ts';

/** All devices: which are there, what they hold and how they do. */
export function FleetPage() {
  const devices = useDevicePages();
  const mayAdd = useMay('change-devices');
  const [opened, dialog] = useDisclosure(false);
  const items = devices.data?.pages.flatMap((page) => page.items);
  const addButton = mayAdd && (
    <Button leftSection={<IconPlus size={18} aria-hidden />} onClick={dialog.open}>
      Add a device
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Fleet"
        summary={items && items.length > 0 ? summaryText(fleetSummary(items)) : 'Devices at doors, and what they hold.'}
        actions={items && items.length > 0 ? addButton : null}
      />
      {devices.isPending && <LoadingState rows={3} height={120} />}
      {devices.isError && !items && <ErrorState error={devices.error} onRetry={devices.refetch} />}
      {items?.length === 0 && (
        <NothingHere icon={<IconDoor aria-hidden />} title="No devices yet" action={addButton}>
          Add a device to get its identity file, put the file on the machine with the camera and start the agent there.
        </NothingHere>
      )}
      {items && items.length > 0 && (
        <ul className={classes.list} aria-label="Devices">
          {items.map((device) => (
            <DeviceRow key={device.id} device={device} />
          ))}
        </ul>
      )}
      {devices.hasNextPage && (
        <Button mt="md" variant="default" loading={devices.isFetchingNextPage} onClick={() => devices.fetchNextPage()}>
          Show more devices
        </Button>
      )}
      <AddDeviceDialog opened={opened} onClose={dialog.close} />
    </>
  );
}

function summaryText({ online, offline, behind, failed }: ReturnType<typeof fleetSummary>): string {
  return [
    `${online} online`,
    offline > 0 && `${offline} offline`,
    behind > 0 && `${behind} behind`,
    failed > 0 && `${failed} need attention`,
  ]
    .filter((part) => part !== false)
    .join(' · ');
}
