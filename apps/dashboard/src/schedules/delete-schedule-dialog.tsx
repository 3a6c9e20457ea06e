import type { ScheduleView } from '@latchkey/contracts';
import { Anchor, Button, Group, List, Modal, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { Link, useNavigate } from 'react-router-dom';
import { useBoundPeople } from '../people/people-queries.ts';
import { counted } from '../shell/formats.ts';
import { ErrorNote, ErrorState, LoadingState } from '../shell/list-states.tsx';
import { useDeleteSchedule } from './schedule-queries.ts';

interface DeleteScheduleDialogProps {
  readonly schedule: ScheduleView;
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** How many of those who are bound stand in the dialog. */
const namedPeople = 8;

/** Says who is bound to a schedule; when nobody is, it can be deleted. */
export function DeleteScheduleDialog({ schedule, opened, onClose }: DeleteScheduleDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title={`Delete ${schedule.name}?`}>
      {schedule.persons > 0 ? (
        <InUse schedule={schedule} onClose={onClose} />
      ) : (
        <Confirm schedule={schedule} onClose={onClose} />
      )}
    </Modal>
  );
}

function InUse({ schedule, onClose }: { schedule: ScheduleView; onClose: () => void }) {
  const { data: people, error, refetch } = useBoundPeople(schedule.id, namedPeople);
  const more = schedule.persons - (people?.length ?? 0);
  return (
    <Stack gap="md">
      <Text size="sm">
        {schedule.persons === 1 ? 'One person is' : `${schedule.persons} people are`} bound to it. Without it they could
        enter nowhere, so give them another schedule first, or none.
      </Text>
      {people && (
        <List size="sm" aria-label="People bound to it">
          {people.map(({ id, name }) => (
            <List.Item key={id}>
              <Anchor component={Link} to={`/people/${id}`} size="sm">
                {name}
              </Anchor>
            </List.Item>
          ))}
        </List>
      )}
      {people && more > 0 && (
        <Anchor component={Link} to={`/people?schedule=${schedule.id}`} size="sm">
          and {counted(more, 'more person', 'more people')}
        </Anchor>
      )}
      {!people && !error && <LoadingState rows={2} height={24} />}
      {!people && error && <ErrorState error={error} onRetry={refetch} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose} data-autofocus>
          Close
        </Button>
      </Group>
    </Stack>
  );
}

function Confirm({ schedule, onClose }: { schedule: ScheduleView; onClose: () => void }) {
  const navigate = useNavigate();
  const remove = useDeleteSchedule(schedule.id);
  const confirm = () =>
    remove.mutate(undefined, {
      onSuccess: () => {
        notifications.show({ color: 'green', message: `${schedule.name} is deleted.` });
        void navigate('/schedules');
      },
    });
  return (
    <Stack gap="md">
      <Text size="sm">Nobody is bound to it. It is gone from every device with the next configuration.</Text>
      {remove.error && <ErrorNote title="Not deleted" error={remove.error} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose} data-autofocus>
          Keep
        </Button>
        <Button color="red.9" loading={remove.isPending} onClick={confirm}>
          Delete the schedule
        </Button>
      </Group>
    </Stack>
  );
}
