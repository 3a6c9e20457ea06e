import { Button, CloseButton, Group, Text } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconPhoto } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { byteSize } from '../shell/formats.ts';
import { OtherPersonLink } from './other-person-link.tsx';
import classes from './people.module.css';
import type { PhotoDraft } from './photo-draft.ts';

interface PhotoListProps {
  readonly photos: readonly PhotoDraft[];
  readonly onRemove: (key: string) => void;
  /** A photo is to be enrolled although there is a warning. */
  readonly onEnrolAnyway: (key: string) => void;
}

/** The chosen photos, each with what became of it. */
export function PhotoList({ photos, onRemove, onEnrolAnyway }: PhotoListProps) {
  if (photos.length === 0) return null;
  return (
    <ul className={classes.drafts} aria-label="Chosen photos" aria-live="polite">
      {photos.map((photo) => (
        <li key={photo.key} className={classes.draft} data-state={photo.state}>
          <Preview file={photo.file} />
          <div className={classes.draftText}>
            <Text size="sm" fw={550} truncate title={photo.file.name}>
              {photo.file.name}
            </Text>
            <Outcome photo={photo} onEnrolAnyway={() => onEnrolAnyway(photo.key)} />
          </div>
          {photo.state !== 'accepted' && (
            <CloseButton aria-label={`Leave out ${photo.file.name}`} onClick={() => onRemove(photo.key)} />
          )}
        </li>
      ))}
    </ul>
  );
}

function Outcome({ photo, onEnrolAnyway }: { photo: PhotoDraft; onEnrolAnyway: () => void }) {
  const { state, problem, file, acceptDespite } = photo;
  if (state === 'accepted') {
    return (
      <Text size="sm" className={classes.accepted}>
        <IconCircleCheck size={16} aria-hidden /> Accepted
      </Text>
    );
  }
  if (!problem) {
    return (
      <Text size="sm" className="lk-soft">
        {byteSize(file.size)}
        {acceptDespite.length > 0 && ', to be enrolled anyway'}
      </Text>
    );
  }
  return (
    <>
      <Text size="sm" className={classes.refused}>
        <IconAlertTriangle size={16} aria-hidden /> {problem.sentence}
      </Text>
      <Text size="sm" className="lk-soft">
        {problem.advice}
      </Text>
      {problem.warning && (
        <Group gap="sm" mt={6}>
          <Button variant="default" size="xs" onClick={onEnrolAnyway} aria-label={`Enrol ${file.name} anyway`}>
            Enrol anyway
          </Button>
          <OtherPersonLink personId={problem.nearestPersonId} />
        </Group>
      )}
    </>
  );
}

/** A small picture of the file; a sign where the browser cannot show its format. */
function Preview({ file }: { file: File }) {
  const [address, setAddress] = useState<string | null>(null);
  useEffect(() => {
    const made = URL.createObjectURL(file);
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  return address === null ? (
    <span className={classes.draftPicture}>
      <IconPhoto size={24} aria-hidden />
    </span>
  ) : (
    <img className={classes.draftPicture} src={address} alt="" onError={() => setAddress(null)} />
  );
}
