import type { DeviceView } from '@latchkey/contracts';
import { Tooltip } from '@mantine/core';
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleX,
  IconPlugConnectedX,
  IconRefresh,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';
import { configState, type GalleryState } from './device-state.ts';
import classes from './fleet.module.css';
import { cameraState, type DeviceCamera } from './machine-words.ts';

type Tone = 'good' | 'bad' | 'wait' | 'neutral';

interface StateLabelProps {
  readonly Icon: ComponentType<{ size?: number; 'aria-hidden'?: boolean }>;
  readonly tone: Tone;
  readonly children: string;
  /** More in the tooltip. */
  readonly hint?: string | null;
}

/** A state as icon and word; colour only helps. */
function StateLabel({ Icon, tone, children, hint }: StateLabelProps) {
  const label = (
    <span className={classes.state} data-tone={tone}>
      <Icon size={16} aria-hidden />
      {children}
    </span>
  );
  return hint ? (
    <Tooltip label={hint} multiline maw={320}>
      {label}
    </Tooltip>
  ) : (
    label
  );
}

/** Whether a device is connected. */
export function OnlineLabel({ online }: { online: boolean }) {
  return online ? (
    <StateLabel Icon={IconCircleCheck} tone="good">
      Online
    </StateLabel>
  ) : (
    <StateLabel Icon={IconPlugConnectedX} tone="neutral">
      Offline
    </StateLabel>
  );
}

const galleryStates = {
  current: { Icon: IconCircleCheck, tone: 'good', text: 'current', hint: 'The device holds what it shall hold.' },
  behind: {
    Icon: IconRefresh,
    tone: 'wait',
    text: 'behind',
    hint: 'The device has not confirmed the newest changes yet.',
  },
  failed: {
    Icon: IconCircleX,
    tone: 'bad',
    text: 'failed',
    hint: 'The device could not take the gallery over. See its health events in the log.',
  },
  unknown: {
    Icon: IconCircleDashed,
    tone: 'neutral',
    text: 'not reported',
    hint: 'The device has not said yet what it holds.',
  },
} as const satisfies Record<GalleryState, unknown>;

/** Whether a device holds what it shall hold of one group. */
export function GalleryStateLabel({ state }: { state: GalleryState }) {
  const { Icon, tone, text, hint } = galleryStates[state];
  return (
    <StateLabel Icon={Icon} tone={tone} hint={hint}>
      {text}
    </StateLabel>
  );
}

/** Whether a device runs the configuration that it shall run. */
export function ConfigStateLabel({ device }: { device: DeviceView }) {
  switch (configState(device)) {
    case 'applied':
      return (
        <StateLabel Icon={IconCircleCheck} tone="good">
          applied
        </StateLabel>
      );
    case 'pending':
      return (
        <StateLabel Icon={IconRefresh} tone="wait" hint="The device has not confirmed the newest configuration yet.">
          on its way
        </StateLabel>
      );
    case 'refused':
      return (
        <StateLabel Icon={IconAlertTriangle} tone="bad" hint={device.configReported?.message}>
          refused
        </StateLabel>
      );
    case 'unreported':
      return (
        <StateLabel Icon={IconCircleDashed} tone="neutral" hint="The device has not reported a configuration yet.">
          not reported
        </StateLabel>
      );
  }
}

const cameraIcons = { good: IconCircleCheck, wait: IconRefresh, bad: IconAlertTriangle } as const;

/** Whether a camera gives pictures that show something. */
export function CameraStateLabel({ camera }: { camera: DeviceCamera }) {
  const { text, tone } = cameraState(camera);
  return (
    <StateLabel Icon={cameraIcons[tone]} tone={tone}>
      {text}
    </StateLabel>
  );
}
