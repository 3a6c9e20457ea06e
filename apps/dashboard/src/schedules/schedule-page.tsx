import { displayName, type ScheduleView, type UpdateScheduleRequest } from '@latchkey/contracts';
import { Anchor, Button, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { IconCalendarOff, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, useParams } from 'react-router-dom';
import { isNotFound } from '../api-error.ts';
import { useMay } from '../session/permissions.ts';
import { ChangedElsewhere } from '../shell/changed-elsewhere.tsx';
import { counted } from '../shell/formats.ts';
import { ErrorState, LoadingState, NothingHere } from '../shell/list-states.tsx';
import { PageHeader } from '../shell/page-header.tsx';
import { DeleteScheduleDialog } from './delete-schedule-dialog.tsx';
import { draftOf, timesOf } from './schedule-draft.ts';
import { ScheduleForm } from './schedule-form.tsx';
import { useSchedule, useUpdateSchedule } from './schedule-queries.ts';

const parent = { to: '/schedules', label: 'Schedules' };

/** One schedule: its name, week and exceptions, and who is bound to it. */
export function SchedulePage() {
  const { scheduleId = '' } = useParams();
  const { data: schedule, error, isPending, refetch } = useSchedule(scheduleId);
  const gone = isNotFound(error);
  if (schedule && !gone) return <Schedule key={schedule.id} schedule={schedule} />;
  return (
    <>
      <PageHeader title={scheduleId} parent={parent} />
      {isPending && <LoadingState rows={3} height={120} />}
      {gone && (
        <NothingHere
          icon={<IconCalendarOff aria-hidden />}
          title="There is no such schedule"
          action={
            <Button component={Link} to="/schedules" variant="light">
              To all schedules
            </Button>
          }
        >
          It was deleted, or the address is mistyped.
        </NothingHere>
      )}
      {error && !gone && <ErrorState error={error} onRetry={refetch} />}
    </>
  );
}

function Schedule({ schedule }: { schedule: ScheduleView }) {
  const may = useMay('change-schedules');
  const [deleting, remove] = useDisclosure(false);
  const [base, setBase] = useState(schedule);
  const [name, setName] = useState(schedule.name);
  const [draft, setDraft] = useState(() => draftOf(schedule));
  const update = useUpdateSchedule(schedule.id);
  const nameIsValid = displayName.safeParse(name).success;
  const start = (saved: ScheduleView) => {
    setBase(saved);
    setName(saved.name);
    setDraft(draftOf(saved));
  };
  return (
    <>
      <PageHeader
        title={schedule.name}
        parent={parent}
        summary={
          <>
            {schedule.id} ·{' '}
            <Anchor component={Link} to={`/people?schedule=${schedule.id}`} inherit>
              {counted(schedule.persons, 'person', 'people')}
            </Anchor>
          </>
        }
        actions={
          may && (
            <Button
              variant="default"
              c="var(--mantine-color-error)"
              leftSection={<IconTrash size={18} aria-hidden />}
              onClick={remove.open}
            >
              Delete
            </Button>
          )
        }
      />
      {schedule.updatedAt !== base.updatedAt && !update.isPending && (
        <ChangedElsewhere onReload={() => start(schedule)} />
      )}
      <ScheduleForm
        naming={
          <TextInput
            label="Name"
            required
            maxLength={200}
            autoComplete="off"
            disabled={!may}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={nameIsValid ? undefined : 'A name of at most 200 characters.'}
          />
        }
        named={nameIsValid}
        draft={draft}
        onChange={setDraft}
        onSubmit={(times) =>
          update.mutate(changeOf(base, { name: name.trim(), ...times }), {
            onSuccess: (saved) => {
              start(saved);
              notifications.show({ color: 'green', message: `${saved.name} is saved and on its way to the devices.` });
            },
          })
        }
        submitLabel="Save the schedule"
        pending={update.isPending}
        error={update.error}
        disabled={!may}
      />
      <DeleteScheduleDialog schedule={schedule} opened={deleting} onClose={remove.close} />
    </>
  );
}

/** Only what differs, so that what somebody else changes meanwhile stays. */
function changeOf(base: ScheduleView, wanted: Required<UpdateScheduleRequest>): UpdateScheduleRequest {
  const before = { name: base.name, ...timesOf(draftOf(base)).times };
  const differs = (key: keyof typeof wanted) => JSON.stringify(wanted[key]) !== JSON.stringify(before[key]);
  return Object.fromEntries(Object.entries(wanted).filter(([key]) => differs(key as keyof typeof wanted)));
}
