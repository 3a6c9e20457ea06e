import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useNavigate } from 'react-router-dom';
import { useMay } from '../session/permissions.ts';
import { NameAndIdFields, useNameAndId } from '../shell/name-and-id.tsx';
import { PageHeader } from '../shell/page-header.tsx';
import { draftOf } from './schedule-draft.ts';
import { ScheduleForm } from './schedule-form.tsx';
import { useCreateSchedule, useSchedules } from './schedule-queries.ts';

/** What a new schedule starts as, so that the form shows what belongs where. */
const officeHours = { weekly: [{ days: [1, 2, 3, 4, 5], from: '08:00', to: '18:00' }], exceptions: [] };

/** Makes a schedule. */
export function NewSchedulePage() {
  const navigate = useNavigate();
  const may = useMay('change-schedules');
  const naming = useNameAndId();
  const [draft, setDraft] = useState(() => draftOf(officeHours));
  const { data: schedules = [] } = useSchedules();
  const create = useCreateSchedule();
  const isTaken = schedules.some(({ id }) => id === naming.id);
  const name = naming.name.trim();
  return (
    <>
      <PageHeader title="New schedule" parent={{ to: '/schedules', label: 'Schedules' }} />
      <ScheduleForm
        naming={
          <NameAndIdFields
            value={naming}
            description="What people call it: Cleaning, mornings"
            idProblem={isTaken && !create.isPending ? 'There is a schedule with this id already.' : undefined}
          />
        }
        named={naming.complete && !isTaken}
        draft={draft}
        onChange={setDraft}
        onSubmit={(times) =>
          create.mutate(
            { id: naming.id, name, ...times },
            {
              onSuccess: () => {
                notifications.show({ color: 'green', message: `${name} is made and on its way to the devices.` });
                void navigate('/schedules');
              },
            },
          )
        }
        submitLabel="Make the schedule"
        pending={create.isPending}
        error={create.error}
        disabled={!may}
      />
    </>
  );
}
