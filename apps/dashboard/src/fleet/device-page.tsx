import type { DeviceView } from '@latchkey/contracts';
import { Alert, Button, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconListDetails, IconLock, IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link, useParams } from 'react-router-dom';
import { isNotFound } from '../api-error.ts';
import { CommandPanel } from '../commands/command-panel.tsx';
import { useMay } from '../session/permissions.ts';
import { counted, exactDay } from '../shell/formats.ts';
import { ErrorState, LoadingState } from '../shell/list-states.tsx';
import { PageHeader } from '../shell/page-header.tsx';
import { RelativeTime } from '../shell/relative-time.tsx';
import { CameraList } from './camera-list.tsx';
import { DeviceSettingsForm } from './device-settings-form.tsx';
import { DoorPolicyForm } from './door-policy-form.tsx';
import { Fact } from './fact.tsx';
import classes from './fleet.module.css';
import { useDevice } from './fleet-queries.ts';
import { GalleryRevision } from './gallery-revision.tsx';
import { MachineFacts } from './machine-facts.tsx';
import { RemoveDeviceDialog } from './remove-device-dialog.tsx';
import { ConfigStateLabel, OnlineLabel } from './state-labels.tsx';

const parent = { to: '/fleet', label: 'Fleet' };

/** One device: its state, what it holds, its name, groups and door policy. */
export function DevicePage() {
  const { deviceId = '' } = useParams();
  const { data: device, error, refetch, isPending } = useDevice(deviceId);
  const mayCommand = useMay('command-devices');
  if (!device || isNotFound(error)) {
    return (
      <>
        <PageHeader title={deviceId} parent={parent} />
        {isPending ? <LoadingState rows={2} height={180} /> : <ErrorState error={error} onRetry={refetch} />}
      </>
    );
  }
  return (
    <>
      <PageHeader
        title={device.name}
        parent={parent}
        summary={`${device.siteId} / ${device.id}`}
        actions={<Actions device={device} />}
      />
      <div className={classes.panels}>
        {mayCommand && (
          <Panel title="Commands" wide>
            <CommandPanel device={device} />
          </Panel>
        )}
        <StatePanel device={device} />
        <Panel title="What it holds">
          <GalleryFacts device={device} />
        </Panel>
        <Panel title="Cameras" wide>
          <CameraList telemetry={device.telemetry} />
        </Panel>
        <Panel title="Machine">
          <MachineFacts telemetry={device.telemetry} />
        </Panel>
        <Panel title="Name and groups">
          <DeviceSettingsForm key={device.id} device={device} />
        </Panel>
        <Panel title="Door policy" wide>
          <DoorPolicyForm key={device.id} device={device} />
        </Panel>
      </div>
    </>
  );
}

function Actions({ device }: { device: DeviceView }) {
  const may = useMay('change-devices');
  const [opened, dialog] = useDisclosure(false);
  return (
    <>
      <Button
        component={Link}
        to={`/log?deviceId=${device.id}`}
        variant="default"
        leftSection={<IconListDetails size={18} aria-hidden />}
      >
        Its events
      </Button>
      {may && (
        <Button
          variant="default"
          c="var(--mantine-color-error)"
          leftSection={<IconTrash size={18} aria-hidden />}
          onClick={dialog.open}
        >
          Remove
        </Button>
      )}
      <RemoveDeviceDialog device={device} opened={opened} onClose={dialog.close} />
    </>
  );
}

function StatePanel({ device }: { device: DeviceView }) {
  const { telemetry } = device;
  return (
    <Panel title="State">
      <dl className={classes.panelFacts}>
        <Fact label="Connection">
          <OnlineLabel online={device.online} />
        </Fact>
        <Fact label="Last seen">{device.lastSeenAt ? <RelativeTime at={device.lastSeenAt} /> : 'never'}</Fact>
        <Fact label="Configuration">
          <ConfigStateLabel device={device} />
        </Fact>
        <Fact label="Agent">{device.agentVersion ?? '–'}</Fact>
        <Fact label="Engine">{device.engine ?? '–'}</Fact>
        <Fact label="Frames per second">{telemetry ? telemetry.framesPerSecond.toFixed(1) : '–'}</Fact>
        <Fact label="Decision, 95th percentile">
          {telemetry?.decisionP95Ms == null ? '–' : `${telemetry.decisionP95Ms.toFixed(0)} ms`}
        </Fact>
        <Fact label="Not yet sent">{telemetry ? counted(telemetry.outboxPending, 'event') : '–'}</Fact>
        <Fact label="Clock">{telemetry ? (telemetry.clockTrusted ? 'trusted' : 'not trusted') : '–'}</Fact>
        <Fact label="Added">{exactDay(device.createdAt)}</Fact>
      </dl>
      <dl className={classes.panelFacts}>
        <div className={classes.fact} style={{ gridColumn: '1 / -1', marginTop: '0.75rem' }}>
          <dt>Model</dt>
          <dd>{device.modelId ?? '–'}</dd>
        </div>
      </dl>
    </Panel>
  );
}

function GalleryFacts({ device }: { device: DeviceView }) {
  if (device.galleries.length === 0) {
    return (
      <Text size="sm" className="lk-soft">
        The device is in no group, so it knows nobody. Choose its groups below.
      </Text>
    );
  }
  return (
    <>
      {device.telemetry?.galleryLocked && (
        <Alert color="orange" icon={<IconLock size={18} aria-hidden />} mb="md" title="Locked">
          The device did not hear central for too long: it lets nobody in until it does.
        </Alert>
      )}
      {device.galleries.map((gallery) => (
        <div key={gallery.groupId} style={{ marginBottom: '0.75rem' }}>
          <GalleryRevision gallery={gallery} withWord />
          <Text size="sm" className="lk-soft">
            {counted(gallery.persons, 'person', 'people')}, {counted(gallery.encodings, 'encoding')}
            {gallery.reportedAt && (
              <>
                , reported <RelativeTime at={gallery.reportedAt} />
              </>
            )}
          </Text>
        </div>
      ))}
    </>
  );
}

function Panel({ title, wide, children }: { title: string; wide?: boolean; children: ReactNode }) {
  return (
    <section className={classes.panel} data-wide={wide}>
      <Title order={2} size="h4">
        {title}
      </Title>
      {children}
    </section>
  );
}
