import { LatchkeyError } from './errors.ts';
import type { EpochMs } from './ports.ts';

/** A part of a day by the wall clock, `HH:MM`; `from` inclusive, `to` exclusive. `to` not after `from`: until the next day. */
export interface DayPeriod {
  readonly from: string;
  /** Also `24:00`. */
  readonly to: string;
}

/** The same period on some days of the week. */
export interface WeeklyPeriod extends DayPeriod {
  /** ISO 8601: 1 is Monday, 7 is Sunday. */
  readonly days: readonly number[];
}

/** Days that the week does not apply to: holidays have no periods, others have their own. */
export interface ScheduleException {
  /** First day, `YYYY-MM-DD`. */
  readonly from: string;
  /** Last day, the same for one day. */
  readonly to: string;
  readonly periods: readonly DayPeriod[];
}

/** When somebody may enter. */
export interface Schedule {
  readonly weekly: readonly WeeklyPeriod[];
  /** The first one that names a day decides about it. */
  readonly exceptions: readonly ScheduleException[];
}

interface LocalTime {
  /** `YYYY-MM-DD`. */
  readonly date: string;
  /** Minutes since midnight by the wall clock. */
  readonly minute: number;
}

const dayMs = 24 * 3_600_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * Whether a schedule allows a moment, by the wall clock of a zone. When clocks go back an hour is there twice and both count;
 * when they go forward a period inside the hour that is left out does not happen. A period until the next day belongs to the
 * day on which it begins, but a day with an exception is ruled by that alone, also in its first hours.
 * @param timeZone IANA name.
 * @throws LatchkeyError `invalid-input` for a zone that this machine does not know.
 */
export function isWithinSchedule(schedule: Schedule, now: EpochMs, timeZone: string): boolean {
  const { date, minute } = localTimeOf(now, timeZone);
  const exception = exceptionOn(schedule, date);
  if (exception) return exception.periods.some((period) => isInside(period, minute));
  if (periodsOn(schedule, date).some((period) => isInside(period, minute))) return true;
  return periodsOn(schedule, dayBefore(date)).some((period) => isInsideNextDay(period, minute));
}

/** Whether this machine knows a time zone. */
export function isTimeZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return true;
  } catch {
    return false;
  }
}

function periodsOn(schedule: Schedule, date: string): readonly DayPeriod[] {
  const exception = exceptionOn(schedule, date);
  if (exception) return exception.periods;
  // Date counts Sunday as 0.
  const day = new Date(`${date}T00:00:00Z`).getUTCDay() || 7;
  return schedule.weekly.filter(({ days }) => days.includes(day));
}

function exceptionOn({ exceptions }: Schedule, date: string): ScheduleException | undefined {
  return exceptions.find(({ from, to }) => from <= date && date <= to);
}

function isInside({ from, to }: DayPeriod, minute: number): boolean {
  const end = minuteOf(to) > minuteOf(from) ? minuteOf(to) : Number.POSITIVE_INFINITY;
  return minute >= minuteOf(from) && minute < end;
}

function isInsideNextDay({ from, to }: DayPeriod, minute: number): boolean {
  return minuteOf(to) <= minuteOf(from) && minute < minuteOf(to);
}

/** NaN for what is no time: no comparison with it holds, so it allows nothing. */
function minuteOf(time: string): number {
  const [hours, minutes] = time.split(':').map(Number);
  return (hours ?? Number.NaN) * 60 + (minutes ?? Number.NaN);
}

function dayBefore(date: string): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) - dayMs).toISOString().slice(0, 10);
}

function localTimeOf(now: EpochMs, timeZone: string): LocalTime {
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(now)
      .map(({ type, value }) => [type, value]),
  );
  return {
    date: `${parts.get('year')}-${parts.get('month')}-${parts.get('day')}`,
    minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')),
  };
}

/** Kept, because making one costs more than everything else here. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  if (!isTimeZone(timeZone)) {
    throw new LatchkeyError('invalid-input', `"${timeZone}" is no time zone; give an IANA name such as Europe/Berlin.`);
  }
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  });
  formats.set(timeZone, format);
  return format;
}
