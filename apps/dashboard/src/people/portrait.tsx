import type { PersonView } from '@latchkey/contracts';
import { Avatar } from '@mantine/core';
import { photoAddress } from '../api-client.ts';

/** A person's picture, or the initials. */
export function Portrait({ person, size = 56 }: { person: PersonView; size?: number }) {
  return (
    <Avatar
      src={person.portraitPhotoId ? photoAddress(person.id, person.portraitPhotoId) : null}
      name={person.name}
      color="petrol"
      size={size}
      radius={size / 5}
      alt=""
    />
  );
}
