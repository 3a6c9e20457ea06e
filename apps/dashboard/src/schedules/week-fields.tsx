import { Button, Table } from '@mantine/core';
import { IconCopy } from '@tabler/icons-react';
import { spansOf } from './day-time.ts';
import { PeriodRows } from './period-rows.tsx';
import { newPeriod, type PeriodDraft, type ScheduleDraft } from './schedule-draft.ts';
import { dayNames } from './schedule-words.ts';
import classes from './schedules.module.css';

type Days = ScheduleDraft['days'];

interface WeekFieldsProps {
  readonly days: Days;
  readonly onChange: (days: Days) => void;
  readonly problems: ReadonlyMap<string, string>;
  readonly disabled: boolean;
}

/** The week as a table, a day a row, with a bar of what is allowed. */
export function WeekFields({ days, onChange, problems, disabled }: WeekFieldsProps) {
  const set = (index: number, periods: readonly PeriodDraft[]) =>
    onChange(days.map((day, at) => (at === index ? periods : day)));
  const monday = days[0] ?? [];
  const copyMonday = () =>
    onChange(days.map((day, at) => (at > 0 && at < 5 ? monday.map(({ from, to }) => newPeriod(from, to)) : day)));
  return (
    <>
      <Table className={classes.week} aria-label="Times of the week">
        <Table.Tbody>
          {dayNames.map((name, index) => (
            <Table.Tr key={name}>
              <Table.Th scope="row">{name}</Table.Th>
              <Table.Td>
                <DayBar day={days[index] ?? []} dayBefore={days[(index + 6) % 7] ?? []} />
                <PeriodRows
                  day={name}
                  periods={days[index] ?? []}
                  onChange={(periods) => set(index, periods)}
                  problems={problems}
                  disabled={disabled}
                />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {!disabled && monday.length > 0 && (
        <Button
          variant="subtle"
          size="compact-sm"
          mt="xs"
          leftSection={<IconCopy size={14} aria-hidden />}
          onClick={copyMonday}
        >
          Same from Monday to Friday
        </Button>
      )}
    </>
  );
}

/** From midnight to midnight; the fields say the same in words. */
function DayBar({ day, dayBefore }: { day: readonly PeriodDraft[]; dayBefore: readonly PeriodDraft[] }) {
  const share = (minutes: number) => `${(minutes / (24 * 60)) * 100}%`;
  return (
    <div className={classes.bar} aria-hidden>
      {spansOf(day, dayBefore).map(({ from, to }) => (
        <span key={`${from}-${to}`} style={{ left: share(from), width: share(to - from) }} />
      ))}
    </div>
  );
}
