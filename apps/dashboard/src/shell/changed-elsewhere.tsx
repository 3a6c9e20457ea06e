import { Alert, Button } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';

/** Says that somebody else has saved what this form is about, and offers to show that instead of what is typed here. */
export function ChangedElsewhere({ onReload }: { onReload: () => void }) {
  return (
    <Alert color="yellow" title="Changed meanwhile" role="status">
      Somebody else has saved this since the form was opened. Saving here replaces what both of you changed.
      <Button
        variant="default"
        size="xs"
        mt="xs"
        style={{ display: 'flex' }}
        leftSection={<IconRefresh size={14} aria-hidden />}
        onClick={onReload}
      >
        Show what is saved
      </Button>
    </Alert>
  );
}
