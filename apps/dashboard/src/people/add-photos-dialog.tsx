import type { PersonView } from '@latchkey/contracts';
import { Button, Group, Modal, Stack } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { counted } from '../shell/formats.ts';
import { ErrorNote } from '../shell/list-states.tsx';
import { forgetPeople } from './people-queries.ts';
import { PhotoList } from './photo-list.tsx';
import { PhotoPicker } from './photo-picker.tsx';
import { usePhotoUpload } from './use-photo-upload.ts';

interface AddPhotosDialogProps {
  readonly person: PersonView;
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** More photos of somebody who is known, with the outcome of each. */
export function AddPhotosDialog({ person, opened, onClose }: AddPhotosDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title={`Photos of ${person.name}`} size="lg" closeOnClickOutside={false}>
      <AddPhotosForm person={person} onClose={onClose} />
    </Modal>
  );
}

function AddPhotosForm({ person, onClose }: { person: PersonView; onClose: () => void }) {
  const client = useQueryClient();
  const { photos, waiting, accepted, add, remove, enrolAnyway, upload } = usePhotoUpload();
  const send = () => upload.mutate(person.id, { onSuccess: () => forgetPeople(client) });
  return (
    <Stack gap="md">
      <PhotoPicker onFiles={add} disabled={upload.isPending} />
      <PhotoList photos={photos} onRemove={remove} onEnrolAnyway={enrolAnyway} />
      {upload.error && <ErrorNote title="The photos were not added" error={upload.error} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose} disabled={upload.isPending}>
          {accepted > 0 && waiting === 0 ? 'Done' : 'Cancel'}
        </Button>
        {(waiting > 0 || accepted === 0) && (
          <Button onClick={send} loading={upload.isPending} disabled={waiting === 0}>
            {waiting === 0 ? 'Add photos' : `Add ${counted(waiting, 'photo')}`}
          </Button>
        )}
      </Group>
    </Stack>
  );
}
