import { Button, Group } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import classes from './log.module.css';
import type { EventLog } from './use-event-log.ts';
import type { StreamState } from './use-event-stream.ts';

const words: Readonly<Record<StreamState, string>> = {
  connecting: 'Connecting …',
  live: 'Live',
  reconnecting: 'Connection lost, trying again …',
  resting: 'Resting',
};

/** State of the live stream, and the switch between pausing and following it. */
export function StreamControls({ log }: { log: EventLog }) {
  const { paused, held } = log.list;
  return (
    <Group gap="sm">
      <span
        className={classes.stream}
        data-state={paused && log.stream === 'live' ? 'paused' : log.stream}
        role="status"
      >
        <span className={classes.streamDot} aria-hidden="true" />
        {paused && log.stream === 'live' ? 'Paused' : words[log.stream]}
      </span>
      {paused ? (
        <Button leftSection={<IconPlayerPlay size={18} aria-hidden />} onClick={log.resume}>
          {held.length > 0 ? `Show ${held.length} new` : 'Follow again'}
        </Button>
      ) : (
        <Button variant="default" leftSection={<IconPlayerPause size={18} aria-hidden />} onClick={log.pause}>
          Pause
        </Button>
      )}
    </Group>
  );
}
