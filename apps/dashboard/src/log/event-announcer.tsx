import type { EventView } from '@latchkey/contracts';
import { VisuallyHidden } from '@mantine/core';
import { useThrottledValue } from '@mantine/hooks';
import { announcement } from './event-text.ts';

/** At most one event in this time is read out. */
const pauseMs = 4_000;

/** Reads the newest event out to screen readers, politely. */
export function EventAnnouncer({ event, deviceName }: { event: EventView | undefined; deviceName: string }) {
  const sentence = useThrottledValue(event ? announcement(event, deviceName) : '', pauseMs);
  return (
    <VisuallyHidden role="log" aria-live="polite">
      {sentence}
    </VisuallyHidden>
  );
}
