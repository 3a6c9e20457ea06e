import type { ScheduleView } from '@latchkey/contracts';
import { Button, Text } from '@mantine/core';
import { IconCalendarTime, IconPlus } from '@tabler/icons-react';
import { Link } from 'react-router-dom';
import { useMay } from '../session/permissions.ts';
import { counted } from '../shell/formats.ts';
import { ErrorState, LoadingState, NothingHere } from '../shell/list-states.tsx';
import { PageHeader } from '../shell/page-header.tsx';
import { useSchedules } from './schedule-queries.ts';
import { weekWords } from './schedule-words.ts';
import classes from './schedules.module.css';

/** All schedules: when people who are bound to one may enter. */
export function SchedulesPage() {
  const { data: schedules, error, isPending, refetch } = useSchedules();
  const mayChange = useMay('change-schedules');
  const newButton = mayChange && (
    <Button component={Link} to="/schedules/+new" leftSection={<IconPlus size={18} aria-hidden />}>
      New schedule
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Schedules"
        summary="When people who are bound to one may enter, by the clock at the door."
        actions={schedules && schedules.length > 0 ? newButton : null}
      />
      {isPending && <LoadingState rows={3} height={84} />}
      {error && !schedules && <ErrorState error={error} onRetry={refetch} />}
      {schedules?.length === 0 && (
        <NothingHere icon={<IconCalendarTime aria-hidden />} title="No schedules yet" action={newButton}>
          Everybody may enter at any time. Make a schedule, then bind people to it on their pages.
        </NothingHere>
      )}
      {schedules && schedules.length > 0 && (
        <ul className={classes.list} aria-label="Schedules">
          {schedules.map((schedule) => (
            <ScheduleRow key={schedule.id} schedule={schedule} />
          ))}
        </ul>
      )}
    </>
  );
}

function ScheduleRow({ schedule }: { schedule: ScheduleView }) {
  const { id, name, weekly, exceptions, persons } = schedule;
  return (
    <li className={classes.row}>
      <Link to={`/schedules/${id}`} className={classes.rowLink}>
        {name}
      </Link>
      <Text size="xs" className="lk-soft">
        {id}
      </Text>
      <Text size="sm" mt={6}>
        {weekWords(weekly) || 'Nobody enters in an ordinary week'}
      </Text>
      <Text size="sm" className="lk-soft">
        {counted(persons, 'person', 'people')} · {counted(exceptions.length, 'exception')}
      </Text>
    </li>
  );
}
