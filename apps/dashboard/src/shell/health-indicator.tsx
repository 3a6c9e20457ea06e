import { Button, Popover, Stack, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconAlertTriangle, IconCircleCheck, IconCircleX, IconLoader, IconPlugConnectedX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { api } from '../api-client.ts';
import { describeError } from '../api-error.ts';
import classes from './shell.module.css';

const partNames = { database: 'Database', broker: 'MQTT broker', ingest: 'Event ingest' } as const;
const parts = Object.keys(partNames) as (keyof typeof partNames)[];

/** Whether central and what it needs are ready: one word in the header, each part on demand. */
export function HealthIndicator() {
  const narrow = useMediaQuery('(max-width: 48em)') ?? false;
  const health = useQuery({
    queryKey: ['health'],
    queryFn: ({ signal }) => api.health(signal),
    refetchInterval: 10_000,
    retry: false,
  });
  const { label, Icon, tone } = summaryOf(health);
  return (
    <Popover position="bottom-end" width={280} withArrow shadow="md" trapFocus>
      <Popover.Target>
        <Button
          variant="subtle"
          color="gray"
          size="sm"
          px={narrow ? 6 : 'sm'}
          leftSection={<Icon size={18} aria-hidden className={classes[tone]} />}
          aria-label={`System: ${label}`}
          classNames={{ section: narrow ? classes.bareSection : undefined }}
        >
          {narrow ? null : label}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="xs">
          <Part name="Central" up={health.data !== undefined && !health.isError} />
          {health.isError
            ? null
            : parts.map((part) => (
                <Part key={part} name={partNames[part]} up={health.data ? health.data.checks[part] === 'up' : null} />
              ))}
          <Text size="xs" className="lk-soft">
            {health.isError ? describeError(health.error).detail : `Version ${health.data?.version ?? '…'}`}
          </Text>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

function summaryOf({ data, isError }: { data?: { status: 'up' | 'down' } | undefined; isError: boolean }) {
  if (isError) return { label: 'Central unreachable', Icon: IconPlugConnectedX, tone: 'bad' } as const;
  if (!data) return { label: 'Checking', Icon: IconLoader, tone: 'neutral' } as const;
  return data.status === 'up'
    ? ({ label: 'All systems ready', Icon: IconCircleCheck, tone: 'good' } as const)
    : ({ label: 'Not all parts ready', Icon: IconAlertTriangle, tone: 'bad' } as const);
}

function Part({ name, up }: { name: string; up: boolean | null }) {
  const Icon = up === null ? IconLoader : up ? IconCircleCheck : IconCircleX;
  return (
    <div className={classes.part}>
      <Icon size={18} aria-hidden className={classes[up === null ? 'neutral' : up ? 'good' : 'bad']} />
      <Text size="sm" fw={500}>
        {name}
      </Text>
      <Text size="sm" className="lk-soft" ml="auto">
        {up === null ? 'checking' : up ? 'ready' : 'not ready'}
      </Text>
    </div>
  );
}
