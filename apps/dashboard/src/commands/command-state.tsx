import type { CommandState } from '@latchkey/contracts';
import { Badge, Loader } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconClockX, IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { isUnderWay, stateWords } from './command-words.ts';

const looks: Readonly<Record<CommandState, { readonly color: string; readonly icon: ReactNode }>> = {
  waiting: { color: 'gray', icon: <Loader size={12} aria-hidden /> },
  sent: { color: 'gray', icon: <Loader size={12} aria-hidden /> },
  expired: { color: 'yellow', icon: <IconClockX size={14} aria-hidden /> },
  done: { color: 'green', icon: <IconCheck size={14} aria-hidden /> },
  failed: { color: 'red', icon: <IconX size={14} aria-hidden /> },
  refused: { color: 'orange', icon: <IconAlertTriangle size={14} aria-hidden /> },
};

/** Where a command is, as icon and word. */
export function CommandStateBadge({ state }: { state: CommandState }) {
  const { color, icon } = looks[state];
  return (
    <Badge variant="light" color={color} leftSection={icon} tt="none" aria-busy={isUnderWay({ state })}>
      {stateWords[state]}
    </Badge>
  );
}
