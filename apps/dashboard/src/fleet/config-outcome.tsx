import type { DeviceView } from '@latchkey/contracts';
import { Alert, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { configState } from './device-state.ts';

/** What the device made of the configuration that it shall run: groups, door policy and schedules together. */
export function ConfigOutcome({ device }: { device: DeviceView }) {
  const { configRevision, configReported } = device;
  switch (configState(device)) {
    case 'applied':
      return <Outcome>The device runs revision {configRevision}, the newest configuration.</Outcome>;
    case 'pending':
      return (
        <Outcome>
          Revision {configRevision} is on its way; the device last reported revision {configReported?.revision}.
        </Outcome>
      );
    case 'unreported':
      return <Outcome>The device has not reported yet that it runs revision {configRevision}.</Outcome>;
    case 'refused':
      return (
        <Alert color="red" icon={<IconAlertTriangle aria-hidden />} title="The device refuses its configuration">
          {configReported?.message ?? 'It gave no reason.'} It goes on with revision {configReported?.revision} and not
          with revision {configRevision}, which is wanted.
        </Alert>
      );
  }
}

function Outcome({ children }: { children: ReactNode }) {
  return (
    <Text size="sm" className="lk-soft">
      {children}
    </Text>
  );
}
