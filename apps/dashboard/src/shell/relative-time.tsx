import { Tooltip } from '@mantine/core';
import { exactTime, relativeTime } from './formats.ts';
import { useNow } from './use-now.ts';

/** "3 minutes ago", with the exact time in the tooltip and in the markup. */
export function RelativeTime({ at }: { at: string }) {
  const now = useNow();
  return (
    <Tooltip label={exactTime(at)}>
      <time dateTime={at}>{relativeTime(Date.parse(at), now)}</time>
    </Tooltip>
  );
}
