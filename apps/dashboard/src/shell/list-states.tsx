import { Alert, Button, Code, EmptyState, Skeleton, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconRefresh } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { describeError } from '../api-error.ts';

/** Grey rows while a list is on its way. */
export function LoadingState({ rows = 4, height = 64 }: { rows?: number; height?: number }) {
  return (
    <Stack gap="sm" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => `row-${row}`).map((row) => (
        <Skeleton key={row} height={height} radius="md" />
      ))}
    </Stack>
  );
}

interface NothingHereProps {
  readonly icon: ReactNode;
  readonly title: string;
  /** What to do next. */
  readonly children: ReactNode;
  readonly action?: ReactNode;
}

/** An empty list: what would stand here and what to do next. */
export function NothingHere({ icon, title, children, action }: NothingHereProps) {
  return (
    <EmptyState py="xl" variant="light">
      <EmptyState.Indicator>{icon}</EmptyState.Indicator>
      <EmptyState.Title>{title}</EmptyState.Title>
      <EmptyState.Description maw={440} c="var(--lk-text-soft)">
        {children}
      </EmptyState.Description>
      {action && <EmptyState.Actions>{action}</EmptyState.Actions>}
    </EmptyState>
  );
}

/** What went wrong, in central's words, with its stable code. */
export function ErrorNote({ title, error }: { title: string; error: unknown }) {
  const { code, detail } = describeError(error);
  return (
    <Alert color="red" icon={<IconAlertTriangle aria-hidden />} title={title} role="alert">
      <Text size="sm">{detail}</Text>
      <Code mt={6} style={{ display: 'inline-block' }}>
        {code}
      </Code>
    </Alert>
  );
}

/** A list that could not be read, with a way to try again. */
export function ErrorState({ error, onRetry }: { error: unknown; onRetry: () => unknown }) {
  return (
    <Stack align="flex-start" gap="sm" maw={640}>
      <ErrorNote title="This could not be loaded" error={error} />
      <Button variant="default" leftSection={<IconRefresh size={16} aria-hidden />} onClick={() => onRetry()}>
        Try again
      </Button>
    </Stack>
  );
}
