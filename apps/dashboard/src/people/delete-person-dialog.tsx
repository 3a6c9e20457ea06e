import type { PersonView } from '@latchkey/contracts';
import { Button, Group, List, Modal, Stack, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { type FormEvent, useState } from 'react';
import { useNavigate } from 'react-router-dom';
import { ErrorNote } from '../shell/list-states.tsx';
import { useDeletePerson } from './people-queries.ts';

interface DeletePersonDialogProps {
  readonly person: PersonView;
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** Says what erasing a person does and wants the name typed before it is done. */
export function DeletePersonDialog({ person, opened, onClose }: DeletePersonDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title={`Delete ${person.name}?`}>
      <DeleteForm person={person} onClose={onClose} />
    </Modal>
  );
}

function DeleteForm({ person, onClose }: { person: PersonView; onClose: () => void }) {
  const navigate = useNavigate();
  const [typed, setTyped] = useState('');
  const erase = useDeletePerson(person.id);
  const confirmed = typed.trim() === person.name.trim();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!confirmed) return;
    erase.mutate(undefined, {
      onSuccess: () => {
        notifications.show({
          color: 'green',
          title: `${person.name} is deleted`,
          message: 'The devices forget the face now, those that are offline as soon as they are back.',
        });
        void navigate('/people');
      },
    });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <List size="sm" spacing={4}>
          <List.Item>Photos, encodings and the name are erased here. This cannot be undone.</List.Item>
          <List.Item>
            Every device that holds the face is told to forget it; one that is offline does so as soon as it is back,
            and could recognise the face until then.
          </List.Item>
          <List.Item>Past events stay in the log, without the name.</List.Item>
        </List>
        <TextInput
          label={
            <>
              Type{' '}
              <Text span fw={700} inherit>
                {person.name}
              </Text>{' '}
              to confirm
            </>
          }
          autoComplete="off"
          data-autofocus
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        {erase.error && <ErrorNote title="Not deleted" error={erase.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Keep
          </Button>
          <Button type="submit" color="red.9" disabled={!confirmed} loading={erase.isPending}>
            Delete for good
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
