import type { EventView, PersonView } from '@latchkey/contracts';
import { Anchor, Button, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPencil, IconTrash, IconUserOff } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { Link, useParams } from 'react-router-dom';
import { isNotFound } from '../api-error.ts';
import { GroupNames } from '../groups/group-names.tsx';
import { EventRows } from '../log/event-rows.tsx';
import { useEventLog } from '../log/use-event-log.ts';
import { useMay } from '../session/permissions.ts';
import { exactDay } from '../shell/formats.ts';
import { ErrorState, LoadingState, NothingHere } from '../shell/list-states.tsx';
import { PageHeader } from '../shell/page-header.tsx';
import { DeletePersonDialog } from './delete-person-dialog.tsx';
import { EditPersonDialog } from './edit-person-dialog.tsx';
import classes from './people.module.css';
import { usePerson } from './people-queries.ts';
import { PersonAccess } from './person-access.tsx';
import { faceCount } from './person-card.tsx';
import { PersonPhotos } from './person-photos.tsx';
import { Portrait } from './portrait.tsx';

const parent = { to: '/people', label: 'People' };

/** One person: access, photos, groups, what the doors saw lately, and the way to erase. */
export function PersonPage() {
  const { personId = '' } = useParams();
  const { data: person, error, isPending, refetch } = usePerson(personId);
  const gone = isNotFound(error);
  if (person && !gone) return <Person key={person.id} person={person} />;
  return (
    <>
      <PageHeader title={gone ? 'Removed person' : 'Person'} parent={parent} />
      {isPending && <LoadingState rows={3} height={120} />}
      {gone && (
        <NothingHere
          icon={<IconUserOff aria-hidden />}
          title="There is no such person"
          action={
            <Button component={Link} to="/people" variant="light">
              To everybody
            </Button>
          }
        >
          The person was removed, or the address is mistyped.
        </NothingHere>
      )}
      {error && !gone && <ErrorState error={error} onRetry={refetch} />}
    </>
  );
}

function Person({ person }: { person: PersonView }) {
  const may = useMay('change-people');
  const [editing, edit] = useDisclosure(false);
  const [deleting, erase] = useDisclosure(false);
  return (
    <>
      <div className={classes.personHead}>
        <Portrait person={person} size={88} />
        <PageHeader
          title={person.name}
          parent={parent}
          summary={
            <>
              {faceCount(person)} · enrolled {exactDay(person.createdAt)}
              <div className={classes.personGroups}>
                <GroupNames groupIds={person.groupIds} />
              </div>
            </>
          }
          actions={
            may && (
              <>
                <Button variant="default" leftSection={<IconPencil size={18} aria-hidden />} onClick={edit.open}>
                  Name and groups
                </Button>
                <Button
                  variant="default"
                  c="var(--mantine-color-error)"
                  leftSection={<IconTrash size={18} aria-hidden />}
                  onClick={erase.open}
                >
                  Delete
                </Button>
              </>
            )
          }
        />
      </div>
      <PersonAccess person={person} />
      <PersonPhotos person={person} />
      <RecentEvents person={person} />
      <EditPersonDialog person={person} opened={editing} onClose={edit.close} />
      <DeletePersonDialog person={person} opened={deleting} onClose={erase.close} />
    </>
  );
}

function RecentEvents({ person }: { person: PersonView }) {
  const filter = useMemo(() => ({ personId: person.id }), [person.id]);
  const log = useEventLog(filter, 10);
  const [opened, setOpened] = useState<EventView | null>(null);
  const events = log.list.shown.slice(0, 10);
  return (
    <section className={classes.section} aria-labelledby="recent-events">
      <div className={classes.sectionHead}>
        <Title order={2} size="h4" id="recent-events">
          Seen lately
        </Title>
        {events.length > 0 && (
          <Anchor component={Link} to={`/log?personId=${person.id}`} size="sm">
            All events
          </Anchor>
        )}
      </div>
      {events.length > 0 && (
        <EventRows events={events} label={`Events of ${person.name}`} opened={opened} onOpen={setOpened} />
      )}
      {events.length === 0 && log.loading && <LoadingState rows={2} />}
      {events.length === 0 && !log.loading && log.error !== null && (
        <ErrorState error={log.error} onRetry={log.reload} />
      )}
      {events.length === 0 && !log.loading && log.error === null && (
        <p className="lk-soft">No door has seen {person.name} yet. The next time one does, it appears here.</p>
      )}
    </section>
  );
}
