import type { PersonView, PhotoView } from '@latchkey/contracts';
import { ActionIcon, Button, Group, Modal, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPhotoPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { photoAddress } from '../api-client.ts';
import { useMay } from '../session/permissions.ts';
import { exactTime } from '../shell/formats.ts';
import { ErrorNote, ErrorState, LoadingState } from '../shell/list-states.tsx';
import { AddPhotosDialog } from './add-photos-dialog.tsx';
import classes from './people.module.css';
import { useDeletePhoto, usePhotos } from './people-queries.ts';

/** The photos of a person, with the ways to add and to remove some. */
export function PersonPhotos({ person }: { person: PersonView }) {
  const photos = usePhotos(person.id);
  const may = useMay('change-people');
  const [adding, add] = useDisclosure(false);
  const [removing, setRemoving] = useState<PhotoView | null>(null);
  return (
    <section className={classes.section} aria-labelledby="photos">
      <div className={classes.sectionHead}>
        <Title order={2} size="h4" id="photos">
          Photos
        </Title>
        {may && (
          <Button variant="default" size="xs" leftSection={<IconPhotoPlus size={16} aria-hidden />} onClick={add.open}>
            Add photos
          </Button>
        )}
      </div>
      {photos.isPending && <LoadingState rows={1} height={140} />}
      {photos.isError && !photos.data && <ErrorState error={photos.error} onRetry={photos.refetch} />}
      {photos.data?.length === 0 && (
        <p className="lk-soft">
          {person.encodings > 0
            ? 'No photos: the face was enrolled from what a door saw. Photos make recognition surer.'
            : 'No photos, so no door can recognise this person. Add one or more.'}
        </p>
      )}
      <ul className={classes.photos} aria-label="Photos">
        {photos.data?.map((photo) => (
          <li key={photo.id} className={classes.photo}>
            <img src={photoAddress(person.id, photo.id)} alt={`${person.name}, ${photo.fileName}`} loading="lazy" />
            <div className={classes.photoText}>
              <Text size="xs" truncate title={`${photo.fileName}, ${exactTime(photo.createdAt)}`}>
                {photo.fileName}
              </Text>
              {photo.quality !== null && (
                <Text size="xs" className="lk-soft">
                  quality {photo.quality.toFixed(0)} of 100
                </Text>
              )}
            </div>
            {may && (
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={`Remove ${photo.fileName}`}
                onClick={() => setRemoving(photo)}
              >
                <IconTrash size={18} aria-hidden />
              </ActionIcon>
            )}
          </li>
        ))}
      </ul>
      <AddPhotosDialog person={person} opened={adding} onClose={add.close} />
      <RemovePhotoDialog person={person} photo={removing} onClose={() => setRemoving(null)} />
    </section>
  );
}

interface RemovePhotoDialogProps {
  readonly person: PersonView;
  /** Null while the dialog is closed. */
  readonly photo: PhotoView | null;
  readonly onClose: () => void;
}

function RemovePhotoDialog({ person, photo, onClose }: RemovePhotoDialogProps) {
  const remove = useDeletePhoto(person.id);
  return (
    <Modal opened={photo !== null} onClose={onClose} title="Remove this photo?">
      <Stack gap="md">
        <Text size="sm">
          The photo “{photo?.fileName}” and the encoding that was made of it are deleted here and on the devices.
          {person.encodings <= 1 && ` It is the last one: no door can recognise ${person.name} afterwards.`}
        </Text>
        {remove.error && <ErrorNote title="Not removed" error={remove.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Keep it
          </Button>
          <Button
            color="red.9"
            loading={remove.isPending}
            onClick={() => photo && remove.mutate(photo.id, { onSuccess: onClose })}
          >
            Remove the photo
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
