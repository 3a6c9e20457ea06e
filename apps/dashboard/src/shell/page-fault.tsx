import { Box } from '@mantine/core';
import { useRouteError } from 'react-router-dom';
import { ErrorState } from './list-states.tsx';

/** Stands in for a page that failed while it was drawn. */
export function PageFault() {
  const error = useRouteError();
  return (
    <Box p="md">
      <ErrorState error={error} onRetry={() => window.location.reload()} />
    </Box>
  );
}
