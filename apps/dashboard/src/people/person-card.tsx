import type { PersonView } from '@latchkey/contracts';
import { Text } from '@mantine/core';
import { Link } from 'react-router-dom';
import { GroupNames } from '../groups/group-names.tsx';
import { counted } from '../shell/formats.ts';
import classes from './people.module.css';
import { Portrait } from './portrait.tsx';

/** One person in the list; the whole card leads to the person's page. */
export function PersonCard({ person }: { person: PersonView }) {
  return (
    <li className={classes.card}>
      <Portrait person={person} size={64} />
      <div className={classes.cardText}>
        <Link to={`/people/${person.id}`} className={classes.cardLink}>
          {person.name}
        </Link>
        <Text size="sm" className="lk-soft">
          {faceCount(person)}
        </Text>
        <GroupNames groupIds={person.groupIds} />
      </div>
    </li>
  );
}

/** "2 photos", and encodings where they are not one a photo (a face enrolled from an event has no photo). */
export function faceCount({ photos, encodings }: PersonView): string {
  if (encodings === 0) return `${counted(photos, 'photo')}, no face that devices could recognise`;
  return photos === encodings ? counted(photos, 'photo') : `${counted(photos, 'photo')}, ${counted(encodings, 'face')}`;
}
