import { ActionIcon, Button, Text, TextInput } from '@mantine/core';
import { IconArrowUp, IconPlus, IconTrash } from '@tabler/icons-react';
import { useRef } from 'react';
import { PeriodRows } from './period-rows.tsx';
import { type ExceptionDraft, fieldKey, newException } from './schedule-draft.ts';
import classes from './schedules.module.css';

interface ExceptionFieldsProps {
  readonly exceptions: readonly ExceptionDraft[];
  readonly onChange: (exceptions: readonly ExceptionDraft[]) => void;
  readonly problems: ReadonlyMap<string, string>;
  readonly disabled: boolean;
}

/** Days that the week does not apply to: closed, or with times of their own. */
export function ExceptionFields({ exceptions, onChange, problems, disabled }: ExceptionFieldsProps) {
  const addButton = useRef<HTMLButtonElement>(null);
  const set = (key: string, change: Partial<ExceptionDraft>) =>
    onChange(exceptions.map((exception) => (exception.key === key ? { ...exception, ...change } : exception)));
  const remove = (key: string) => {
    onChange(exceptions.filter((exception) => exception.key !== key));
    addButton.current?.focus();
  };
  const moveUp = (index: number) => {
    const [moved, above] = [exceptions[index], exceptions[index - 1]];
    if (moved && above) onChange(exceptions.with(index - 1, moved).with(index, above));
  };
  return (
    <>
      <ul className={classes.exceptions} aria-label="Exceptions">
        {exceptions.map((exception, index) => (
          <li key={exception.key} className={classes.exception}>
            <div className={classes.dates}>
              <TextInput
                label="First day"
                type="date"
                disabled={disabled}
                value={exception.from}
                onChange={(event) => set(exception.key, withFirstDay(exception, event.currentTarget.value))}
                error={problems.get(fieldKey(exception, 'from'))}
              />
              <TextInput
                label="Last day"
                type="date"
                disabled={disabled}
                value={exception.to}
                onChange={(event) => set(exception.key, { to: event.currentTarget.value })}
                error={problems.get(fieldKey(exception, 'to'))}
              />
            </div>
            <PeriodRows
              day={`exception ${index + 1}`}
              periods={exception.periods}
              onChange={(periods) => set(exception.key, { periods })}
              problems={problems}
              disabled={disabled}
            />
            {!disabled && (
              <div className={classes.exceptionActions}>
                {index > 0 && (
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    size="lg"
                    aria-label={`Move exception ${index + 1} up`}
                    onClick={() => moveUp(index)}
                  >
                    <IconArrowUp size={16} aria-hidden />
                  </ActionIcon>
                )}
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  size="lg"
                  aria-label={`Remove exception ${index + 1}`}
                  onClick={() => remove(exception.key)}
                >
                  <IconTrash size={16} aria-hidden />
                </ActionIcon>
              </div>
            )}
          </li>
        ))}
      </ul>
      {exceptions.length === 0 && (
        <Text size="sm" className="lk-soft" mb="xs">
          None: every week is the same.
        </Text>
      )}
      {!disabled && (
        <Button
          ref={addButton}
          variant="default"
          size="xs"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => onChange([...exceptions, newException()])}
        >
          Add an exception
        </Button>
      )}
    </>
  );
}

/** Most exceptions are one day: the last one follows the first, unless it is later already. */
function withFirstDay({ to }: ExceptionDraft, from: string): Partial<ExceptionDraft> {
  return { from, to: to < from ? from : to };
}
