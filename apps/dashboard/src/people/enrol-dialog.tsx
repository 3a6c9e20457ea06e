import { Alert, Button, Checkbox, Group, Modal, Stack, TextInput } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useNavigate } from 'react-router-dom';
import { api } from '../api-client.ts';
import { GroupsSelect } from '../groups/groups-select.tsx';
import { counted } from '../shell/formats.ts';
import { ErrorNote } from '../shell/list-states.tsx';
import { forgetPeople } from './people-queries.ts';
import { PhotoList } from './photo-list.tsx';
import { PhotoPicker } from './photo-picker.tsx';
import { usePhotoUpload } from './use-photo-upload.ts';

interface EnrolDialogProps {
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** Enrols a new person: name, groups and photos, with the outcome of each photo. */
export function EnrolDialog({ opened, onClose }: EnrolDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Enrol a person" size="lg" closeOnClickOutside={false}>
      <EnrolForm onClose={onClose} />
    </Modal>
  );
}

function EnrolForm({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const [groupIds, setGroupIds] = useState<string[]>(['everyone']);
  const [always, setAlways] = useState(false);
  const { photos, waiting, accepted, add, remove, enrolAnyway, upload } = usePhotoUpload();

  const enrol = useMutation({
    mutationFn: async () => {
      const person = await api.createPerson({ name: name.trim(), groupIds, always });
      try {
        const outcome = await upload.mutateAsync(person.id);
        // A person whom no device could recognise is not kept.
        if (outcome.accepted === 0) await api.deletePerson(person.id);
        return { ...outcome, id: person.id };
      } catch (error) {
        await api.deletePerson(person.id);
        throw error;
      }
    },
    onSuccess: () => forgetPeople(client),
  });
  const enrolled = enrol.data && enrol.data.accepted > 0 ? enrol.data : null;

  const refused = photos.filter(({ state }) => state === 'refused').length;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() !== '' && waiting > 0) enrol.mutate();
  };
  if (enrolled) {
    return (
      <Stack gap="md">
        <Alert color="green" icon={<IconCircleCheck aria-hidden />} title={`${name.trim()} is enrolled`} role="status">
          {counted(accepted, 'photo')} accepted
          {refused > 0 && `, ${refused} not`}. The devices of the chosen groups get the face now.
        </Alert>
        <PhotoList photos={photos} onRemove={remove} onEnrolAnyway={enrolAnyway} />
        {upload.error && <ErrorNote title="The photos were not added" error={upload.error} />}
        <Group justify="flex-end">
          {waiting > 0 && (
            <Button
              variant="default"
              loading={upload.isPending}
              onClick={() => upload.mutate(enrolled.id, { onSuccess: () => forgetPeople(client) })}
            >
              Add {counted(waiting, 'photo')}
            </Button>
          )}
          <Button variant="default" onClick={() => navigate(`/people/${enrolled.id}`)}>
            Open the person's page
          </Button>
          <Button onClick={onClose} data-autofocus>
            Done
          </Button>
        </Group>
      </Stack>
    );
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <TextInput
          label="Name"
          required
          maxLength={200}
          autoComplete="off"
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <div>
          <GroupsSelect
            description="Doors open for the people of their groups."
            value={groupIds}
            onChange={setGroupIds}
          />
        </div>
        <AlwaysSwitch checked={always} onChange={setAlways} />
        <PhotoPicker onFiles={add} disabled={enrol.isPending} />
        <PhotoList photos={photos} onRemove={remove} onEnrolAnyway={enrolAnyway} />
        {enrol.data?.accepted === 0 && (
          <Alert color="red" title="Nobody was enrolled" role="alert">
            None of the photos was accepted, so nothing was kept. What is wrong with each stands beside it.
          </Alert>
        )}
        {enrol.error && <ErrorNote title="Nobody was enrolled" error={enrol.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} disabled={enrol.isPending}>
            Cancel
          </Button>
          <Button type="submit" loading={enrol.isPending} disabled={name.trim() === '' || waiting === 0}>
            {waiting === 0 ? 'Enrol' : `Enrol with ${counted(waiting, 'photo')}`}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Whether a person may enter while a device's clock is not trusted. */
export function AlwaysSwitch({ checked, onChange }: { checked: boolean; onChange: (checked: boolean) => void }) {
  return (
    <Checkbox
      label="May always enter"
      description="Also while a device cannot trust its clock, when people on a schedule have to wait."
      checked={checked}
      onChange={(event) => onChange(event.currentTarget.checked)}
    />
  );
}
