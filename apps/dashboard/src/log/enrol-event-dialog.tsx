import type { EventView, PersonView } from '@latchkey/contracts';
import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api } from '../api-client.ts';
import { forgetPeople } from '../people/people-queries.ts';
import { type ChosenPerson, PersonPicker } from '../people/person-picker.tsx';
import { ErrorNote } from '../shell/list-states.tsx';
import { EventPicture } from './event-picture.tsx';

interface EnrolEventDialogProps {
  /** The unknown face, null while the dialog is closed. */
  readonly event: EventView | null;
  readonly onClose: () => void;
}

/** Enrols the face of an unknown event: for a new person or one who is already known. */
export function EnrolEventDialog({ event, onClose }: EnrolEventDialogProps) {
  return (
    <Modal opened={event !== null} onClose={onClose} title="Enrol this face">
      {event && <EnrolForm event={event} onClose={onClose} />}
    </Modal>
  );
}

function EnrolForm({ event, onClose }: { event: EventView; onClose: () => void }) {
  const client = useQueryClient();
  const [chosen, setChosen] = useState<ChosenPerson | null>(null);
  const enrol = useMutation({
    mutationFn: async (choice: ChosenPerson) => {
      if (choice.type === 'existing') {
        await api.enrolEvent(choice.person.id, event.id);
        return choice.person;
      }
      return enrolNew(choice.name, event.id);
    },
    onSuccess: async (person) => {
      notifications.show({
        color: 'green',
        title: `${person.name} is enrolled`,
        message: 'The devices get the face now and name it the next time they see it.',
      });
      onClose();
      await forgetPeople(client);
    },
  });

  const submit = (submitted: FormEvent) => {
    submitted.preventDefault();
    if (chosen) enrol.mutate(chosen);
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <Group wrap="nowrap" align="center">
          <EventPicture event={event} size={88} />
          <Text size="sm" className="lk-soft">
            The encoding that the device made of this face becomes the person's. More photos make recognition surer; add
            them on the person's page.
          </Text>
        </Group>
        <PersonPicker label="Who is this?" onChange={setChosen} />
        {enrol.error && <ErrorNote title="Not enrolled" error={enrol.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={chosen === null} loading={enrol.isPending}>
            {chosen?.type === 'existing' ? `Add to ${chosen.person.name}` : 'Enrol as a new person'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** A person who is made for this face is not kept without it. */
async function enrolNew(name: string, eventId: string): Promise<PersonView> {
  const person = await api.createPerson({ name });
  try {
    await api.enrolEvent(person.id, eventId);
    return person;
  } catch (error) {
    await api.deletePerson(person.id);
    throw error;
  }
}
