import type { PersonView } from '@latchkey/contracts';
import { Anchor, Badge, Button, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconClockEdit } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router-dom';
import { useSchedules } from '../schedules/schedule-queries.ts';
import { useMay } from '../session/permissions.ts';
import { exactTime } from '../shell/formats.ts';
import { useNow } from '../shell/use-now.ts';
import { AccessDialog } from './access-dialog.tsx';
import { validityAt } from './access-draft.ts';
import classes from './people.module.css';

/** When and how a person may enter, and the way to change it. Only who may change it sees whether it raises a silent alarm. */
export function PersonAccess({ person }: { person: PersonView }) {
  const may = useMay('change-people');
  const [editing, edit] = useDisclosure(false);
  const { always, access } = person;
  return (
    <section className={classes.section} aria-labelledby="access">
      <div className={classes.sectionHead}>
        <Title order={2} size="h4" id="access">
          Access
        </Title>
        {may && (
          <Button variant="default" size="xs" leftSection={<IconClockEdit size={16} aria-hidden />} onClick={edit.open}>
            Change access
          </Button>
        )}
      </div>
      <dl className={classes.access}>
        <Fact label="Valid">
          <Validity access={access} />
        </Fact>
        <Fact label="Schedule">
          <ScheduleName scheduleId={access.scheduleId} />
        </Fact>
        <Fact label="Company">{access.escorted ? 'only with somebody who may enter alone' : 'may enter alone'}</Fact>
        <Fact label="Clock not trusted">
          {always ? 'enters all the same' : 'waits, if bound by dates or a schedule'}
        </Fact>
        {may && <Fact label="Silent alarm">{access.duress ? 'at every entry' : 'none'}</Fact>}
      </dl>
      <AccessDialog person={person} opened={editing} onClose={edit.close} />
    </section>
  );
}

function Validity({ access }: { access: PersonView['access'] }) {
  const validity = validityAt(access, useNow());
  const { validFrom, validUntil } = access;
  if (validFrom === null && validUntil === null) return <>without end</>;
  return (
    <>
      {validFrom && `from ${exactTime(validFrom)} `}
      {validUntil && `until ${exactTime(validUntil)} `}
      {validity !== 'current' && (
        <Badge variant="default" tt="none">
          {validity === 'over' ? 'over' : 'not yet'}
        </Badge>
      )}
    </>
  );
}

function ScheduleName({ scheduleId }: { scheduleId: string | null }) {
  const { data: schedules = [] } = useSchedules();
  if (scheduleId === null) return <>at any time</>;
  return (
    <Anchor component={Link} to={`/schedules/${scheduleId}`} size="sm">
      {schedules.find(({ id }) => id === scheduleId)?.name ?? scheduleId}
    </Anchor>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
