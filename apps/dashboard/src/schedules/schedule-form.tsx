import type { ScheduleTimes } from '@latchkey/contracts';
import { Alert, Button, Group, Text, Title } from '@mantine/core';
import { type FormEvent, type ReactNode, useId, useRef, useState } from 'react';
import { Link } from 'react-router-dom';
import { ErrorNote } from '../shell/list-states.tsx';
import { ExceptionFields } from './exception-fields.tsx';
import { type ScheduleDraft, timesOf } from './schedule-draft.ts';
import classes from './schedules.module.css';
import { WeekFields } from './week-fields.tsx';

interface ScheduleFormProps {
  /** Fields of what the schedule is called. */
  readonly naming: ReactNode;
  readonly named: boolean;
  readonly draft: ScheduleDraft;
  readonly onChange: (draft: ScheduleDraft) => void;
  readonly onSubmit: (times: ScheduleTimes) => void;
  readonly submitLabel: string;
  readonly pending: boolean;
  readonly error: unknown;
  readonly disabled?: boolean;
}

/** Name, week and exceptions of a schedule. What is wrong stands at its field as soon as that is left or the form is sent. */
export function ScheduleForm(props: ScheduleFormProps) {
  const { naming, named, draft, onChange, onSubmit, submitLabel, pending, error, disabled = false } = props;
  const form = useRef<HTMLFormElement>(null);
  const [sent, setSent] = useState(false);
  const { times, problems } = timesOf(draft);
  const shown = sent ? problems : withoutEmpty(draft, problems);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setSent(true);
    if (times && named) onSubmit(times);
    // After the fields have shown what is wrong with them.
    else setTimeout(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
  };
  return (
    <form ref={form} className={classes.form} onSubmit={submit} noValidate>
      <Part title="Name">
        <div className={classes.naming}>{naming}</div>
      </Part>
      <Part title="Every week" hint="A period that ends before it begins goes on until the next day.">
        <WeekFields
          days={draft.days}
          onChange={(days) => onChange({ ...draft, days })}
          problems={shown}
          disabled={disabled}
        />
      </Part>
      <Part
        title="Exceptions"
        hint="Holidays and other days that the week does not apply to. Without times the day is closed; the first exception that names a day decides."
      >
        <ExceptionFields
          exceptions={draft.exceptions}
          onChange={(exceptions) => onChange({ ...draft, exceptions })}
          problems={shown}
          disabled={disabled}
        />
      </Part>
      {problems.has('') && (
        <Alert color="red" title="Too long for devices" role="alert" mt="md">
          {problems.get('')}
        </Alert>
      )}
      {error != null && (
        <div className={classes.outcome}>
          <ErrorNote title="Not saved" error={error} />
        </div>
      )}
      {!disabled && (
        <Group justify="flex-end" mt="md">
          <Button component={Link} to="/schedules" variant="default">
            Cancel
          </Button>
          <Button type="submit" loading={pending} disabled={!named}>
            {submitLabel}
          </Button>
        </Group>
      )}
    </form>
  );
}

/** A field that nobody has filled in yet is not wrong before the form is sent. */
function withoutEmpty(draft: ScheduleDraft, problems: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const rows = [...draft.days.flat(), ...draft.exceptions, ...draft.exceptions.flatMap(({ periods }) => periods)];
  const empty = new Set(
    rows.flatMap(({ key, from, to }) => [...(from === '' ? [`${key}.from`] : []), ...(to === '' ? [`${key}.to`] : [])]),
  );
  return new Map([...problems].filter(([field]) => !empty.has(field)));
}

function Part({ title, hint, children }: { title: string; hint?: string; children: ReactNode }) {
  const id = useId();
  return (
    <section className={classes.part} aria-labelledby={id}>
      <Title order={2} size="h4" id={id}>
        {title}
      </Title>
      {hint && (
        <Text size="sm" className="lk-soft">
          {hint}
        </Text>
      )}
      {children}
    </section>
  );
}
