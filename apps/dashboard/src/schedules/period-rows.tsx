import { ActionIcon, Button, Text } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useRef } from 'react';
import { isOvernight } from './day-time.ts';
import { fieldKey, newPeriod, type PeriodDraft } from './schedule-draft.ts';
import classes from './schedules.module.css';
import { TimeField } from './time-field.tsx';

interface PeriodRowsProps {
  /** Which day they are of, for screen readers. */
  readonly day: string;
  readonly periods: readonly PeriodDraft[];
  readonly onChange: (periods: readonly PeriodDraft[]) => void;
  readonly problems: ReadonlyMap<string, string>;
  readonly disabled: boolean;
}

/** The periods of one day. Without any nobody enters on it. */
export function PeriodRows({ day, periods, onChange, problems, disabled }: PeriodRowsProps) {
  const addButton = useRef<HTMLButtonElement>(null);
  const addedKey = useRef<string | null>(null);
  const focusAdded = (key: string) => (input: HTMLInputElement | null) => {
    if (!input || addedKey.current !== key) return;
    addedKey.current = null;
    input.focus();
  };
  const add = () => {
    const period = newPeriod();
    addedKey.current = period.key;
    onChange([...periods, period]);
  };
  const remove = (key: string) => {
    onChange(periods.filter((period) => period.key !== key));
    addButton.current?.focus();
  };
  const problemOf = (period: PeriodDraft) =>
    problems.get(fieldKey(period, 'from')) ?? problems.get(fieldKey(period, 'to'));
  const set = (key: string, change: Partial<PeriodDraft>) =>
    onChange(periods.map((period) => (period.key === key ? { ...period, ...change } : period)));
  return (
    <div className={classes.periods}>
      {periods.length === 0 && (
        <Text size="sm" className="lk-soft">
          Nobody enters
        </Text>
      )}
      {periods.map((period) => (
        <div key={period.key} className={classes.period}>
          <TimeField
            label={`${day}, from`}
            value={period.from}
            onChange={(from) => set(period.key, { from })}
            problemId={problems.has(fieldKey(period, 'from')) ? `${period.key}-problem` : undefined}
            disabled={disabled}
            inputRef={focusAdded(period.key)}
          />
          <span aria-hidden>–</span>
          <TimeField
            label={`${day}, until`}
            value={period.to}
            onChange={(to) => set(period.key, { to })}
            problemId={problems.has(fieldKey(period, 'to')) ? `${period.key}-problem` : undefined}
            disabled={disabled}
          />
          {!disabled && (
            <ActionIcon
              variant="subtle"
              color="gray"
              size="lg"
              aria-label={`Remove ${period.from || '…'} to ${period.to || '…'} on ${day}`}
              onClick={() => remove(period.key)}
            >
              <IconX size={16} aria-hidden />
            </ActionIcon>
          )}
          {/* Beside the fields: below them it would move a button away from under the pointer that is about to press it. */}
          {problemOf(period) && (
            <Text size="xs" c="var(--mantine-color-error)" id={`${period.key}-problem`}>
              {problemOf(period)}
            </Text>
          )}
          {isOvernight(period) && (
            <Text size="xs" className="lk-soft">
              until the next day
            </Text>
          )}
        </div>
      ))}
      {!disabled && (
        <Button
          ref={addButton}
          variant="subtle"
          size="compact-sm"
          leftSection={<IconPlus size={14} aria-hidden />}
          aria-label={`Add times on ${day}`}
          onClick={add}
        >
          Add times
        </Button>
      )}
    </div>
  );
}
