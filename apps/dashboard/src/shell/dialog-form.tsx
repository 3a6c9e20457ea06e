import { Button, Group, Stack } from '@mantine/core';
import type { FormEvent, ReactNode } from 'react';
import { ErrorNote } from './list-states.tsx';

interface DialogFormProps {
  /** What the button says that sends the form. */
  readonly submitLabel: string;
  /** Stands above an error, such as "Not saved". */
  readonly errorTitle: string;
  readonly error: unknown;
  readonly pending: boolean;
  /** Whether the form can be sent as it is filled in. */
  readonly complete: boolean;
  readonly onSubmit: () => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** The form inside a dialog: its fields, what went wrong, and the two ways out. */
export function DialogForm(props: DialogFormProps) {
  const { submitLabel, errorTitle, error, pending, complete, onSubmit, onClose, children } = props;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // A dialog may be opened out of another form, which React takes for its parent.
    event.stopPropagation();
    if (complete) onSubmit();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        {children}
        {error != null && <ErrorNote title={errorTitle} error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={pending} disabled={!complete}>
            {submitLabel}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
