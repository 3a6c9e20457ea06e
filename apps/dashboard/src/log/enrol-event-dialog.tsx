import type { EventView, PersonView } from '@latchkey/contracts';
import type { EnrolmentWarningCode } from '@latchkey/domain';
import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api } from '../api-client.ts';
import { ApiError } from '../api-error.ts';
import { OtherPersonLink } from '../people/other-person-link.tsx';
import { forgetPeople } from '../people/people-queries.ts';
import { type ChosenPerson, PersonPicker } from '../people/person-picker.tsx';
import { warningOf } from '../people/photo-advice.ts';
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

interface Enrolment {
  readonly choice: ChosenPerson;
  readonly acceptDespite: readonly EnrolmentWarningCode[];
}

function EnrolForm({ event, onClose }: { event: EventView; onClose: () => void }) {
  const client = useQueryClient();
  const [chosen, setChosen] = useState<ChosenPerson | null>(null);
  const enrol = useMutation({
    mutationFn: async ({ choice, acceptDespite }: Enrolment) => {
      if (choice.type === 'existing') {
        await api.enrolEvent(choice.person.id, event.id, acceptDespite);
        return choice.person;
      }
      return enrolNew(choice.name, event.id, acceptDespite);
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
    if (chosen) enrol.mutate({ choice: chosen, acceptDespite: [] });
  };
  const refusal = enrol.error instanceof ApiError ? enrol.error : null;
  const warning = refusal && warningOf(refusal.code);
  const enrolAnyway = () => {
    const { variables } = enrol;
    if (!variables || !warning) return;
    enrol.mutate({ ...variables, acceptDespite: [...variables.acceptDespite, warning] });
  };
  const choose = (choice: ChosenPerson | null) => {
    setChosen(choice);
    // What was said of one person says nothing of another.
    enrol.reset();
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
        <PersonPicker label="Who is this?" onChange={choose} />
        {enrol.error && <ErrorNote title="Not enrolled" error={enrol.error} />}
        <OtherPersonLink personId={refusal ? nearestPersonOf(refusal) : null} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          {warning ? (
            <Button onClick={enrolAnyway} loading={enrol.isPending}>
              Enrol anyway
            </Button>
          ) : (
            <Button type="submit" disabled={chosen === null} loading={enrol.isPending}>
              {chosen?.type === 'existing' ? `Add to ${chosen.person.name}` : 'Enrol as a new person'}
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}

/** A person who is made for this face is not kept without it. */
async function enrolNew(
  name: string,
  eventId: string,
  acceptDespite: readonly EnrolmentWarningCode[],
): Promise<PersonView> {
  const person = await api.createPerson({ name });
  try {
    await api.enrolEvent(person.id, eventId, acceptDespite);
    return person;
  } catch (error) {
    await api.deletePerson(person.id);
    throw error;
  }
}

function nearestPersonOf({ details: { nearestPersonId } }: ApiError): string | null {
  return typeof nearestPersonId === 'string' ? nearestPersonId : null;
}
