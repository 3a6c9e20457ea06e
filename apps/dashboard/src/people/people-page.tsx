import { Button, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback, useDisclosure } from '@mantine/hooks';
import { IconSearch, IconUserPlus, IconUsers } from '@tabler/icons-react';
import { useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import { useGroups } from '../groups/group-queries.ts';
import { useSchedules } from '../schedules/schedule-queries.ts';
import { useMay } from '../session/permissions.ts';
import { ErrorState, LoadingState, NothingHere } from '../shell/list-states.tsx';
import { PageHeader } from '../shell/page-header.tsx';
import { EnrolDialog } from './enrol-dialog.tsx';
import classes from './people.module.css';
import { usePeoplePages } from './people-queries.ts';
import { PersonCard } from './person-card.tsx';

/** Everybody whom the doors know. Search, group and schedule stand in the address. */
export function PeoplePage() {
  const [search, setSearch] = useSearchParams();
  const text = search.get('q') ?? '';
  const groupId = search.get('group') ?? undefined;
  const scheduleId = search.get('schedule') ?? undefined;
  const people = usePeoplePages({ search: text, groupId, scheduleId });
  const mayEnrol = useMay('change-people');
  const [opened, dialog] = useDisclosure(false);
  const items = people.data?.pages.flatMap((page) => page.items);
  const filtered = text !== '' || groupId !== undefined || scheduleId !== undefined;

  const set = (key: string, value: string | null) =>
    setSearch(
      (old) => {
        const next = new URLSearchParams(old);
        if (value) next.set(key, value);
        else next.delete(key);
        return next;
      },
      { replace: true },
    );
  const enrolButton = mayEnrol && (
    <Button leftSection={<IconUserPlus size={18} aria-hidden />} onClick={dialog.open}>
      Enrol a person
    </Button>
  );
  return (
    <>
      <PageHeader title="People" summary="Everybody whom the doors know." actions={enrolButton} />
      {(filtered || (items && items.length > 0)) && (
        <PeopleSearch text={text} groupId={groupId ?? null} scheduleId={scheduleId ?? null} onChange={set} />
      )}
      {people.isPending && <LoadingState rows={4} height={84} />}
      {people.isError && !items && <ErrorState error={people.error} onRetry={people.refetch} />}
      {items?.length === 0 &&
        (filtered ? (
          <NothingHere
            icon={<IconSearch aria-hidden />}
            title="Nobody matches"
            action={
              <Button variant="light" onClick={() => setSearch({}, { replace: true })}>
                Show everybody
              </Button>
            }
          >
            Try a shorter part of the name, another group or another schedule.
          </NothingHere>
        ) : (
          <NothingHere icon={<IconUsers aria-hidden />} title="Nobody is enrolled yet">
            Enrol a person from photos with the button above, or open the live log and enrol a face that a device has
            seen.
          </NothingHere>
        ))}
      {items && items.length > 0 && (
        <ul className={classes.cards} aria-label="People">
          {items.map((person) => (
            <PersonCard key={person.id} person={person} />
          ))}
        </ul>
      )}
      {people.hasNextPage && (
        <Button mt="md" variant="default" loading={people.isFetchingNextPage} onClick={() => people.fetchNextPage()}>
          Show more people
        </Button>
      )}
      <EnrolDialog opened={opened} onClose={dialog.close} />
    </>
  );
}

interface PeopleSearchProps {
  readonly text: string;
  readonly groupId: string | null;
  readonly scheduleId: string | null;
  readonly onChange: (key: 'q' | 'group' | 'schedule', value: string | null) => void;
}

function PeopleSearch({ text, groupId, scheduleId, onChange }: PeopleSearchProps) {
  const [typed, setTyped] = useState(text);
  const commit = useDebouncedCallback((value: string) => onChange('q', value.trim()), 250);
  const { data: groups = [] } = useGroups();
  const { data: schedules = [] } = useSchedules();
  return (
    <search className={classes.search} aria-label="Search people">
      <TextInput
        label="Name"
        placeholder="Part of the name"
        leftSection={<IconSearch size={16} aria-hidden />}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          commit(event.currentTarget.value);
        }}
      />
      <Select
        label="Group"
        placeholder="All groups"
        data={groups.map(({ id, name }) => ({ value: id, label: name }))}
        value={groupId}
        onChange={(value) => onChange('group', value)}
        clearable
      />
      {(schedules.length > 0 || scheduleId !== null) && (
        <Select
          label="Schedule"
          placeholder="Any or none"
          data={schedules.map(({ id, name }) => ({ value: id, label: name }))}
          value={scheduleId}
          onChange={(value) => onChange('schedule', value)}
          clearable
        />
      )}
    </search>
  );
}
