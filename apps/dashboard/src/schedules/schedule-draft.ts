import { type ScheduleTimes, scheduleTimes } from '@latchkey/contracts';

/** A part of a day while it is typed. */
export interface PeriodDraft {
  /** Tells rows apart while others come and go. */
  readonly key: string;
  readonly from: string;
  readonly to: string;
}

/** Days with times of their own while they are typed; without periods nobody enters on them. */
export interface ExceptionDraft {
  readonly key: string;
  readonly from: string;
  readonly to: string;
  readonly periods: readonly PeriodDraft[];
}

/** A schedule while it is typed: `days[0]` is Monday. */
export interface ScheduleDraft {
  readonly days: readonly (readonly PeriodDraft[])[];
  readonly exceptions: readonly ExceptionDraft[];
}

/** The times of a draft, or a sentence per field that stands in the way: by {@link fieldKey}, `''` for the whole. */
export interface CheckedSchedule {
  readonly times: ScheduleTimes | null;
  readonly problems: ReadonlyMap<string, string>;
}

/** Field of a row: its key and the name of the property. */
export function fieldKey({ key }: { readonly key: string }, field: 'from' | 'to'): string {
  return `${key}.${field}`;
}

let keys = 0;
function newKey(): string {
  keys += 1;
  return `row-${keys}`;
}

/** A new row; every call has another key. */
export function newPeriod(from = '', to = ''): PeriodDraft {
  return { key: newKey(), from, to };
}

/** Days that nobody enters on, until periods are added. */
export function newException(from = '', to = from): ExceptionDraft {
  return { key: newKey(), from, to, periods: [] };
}

/** The draft that times start as: every day has its own rows, by their beginning. */
export function draftOf({ weekly, exceptions }: ScheduleTimes): ScheduleDraft {
  const rows = (periods: readonly { from: string; to: string }[]) =>
    [...periods].sort((a, b) => a.from.localeCompare(b.from)).map(({ from, to }) => newPeriod(from, to));
  return {
    days: [1, 2, 3, 4, 5, 6, 7].map((day) => rows(weekly.filter(({ days }) => days.includes(day)))),
    exceptions: exceptions.map(({ from, to, periods }) => ({ ...newException(from, to), periods: rows(periods) })),
  };
}

/** Checks a draft by the contract's rules. Days with the same period share one entry. */
export function timesOf({ days, exceptions }: ScheduleDraft): CheckedSchedule {
  const shared = new Map<string, { entry: ScheduleTimes['weekly'][number]; rows: PeriodDraft[] }>();
  for (const [index, periods] of days.entries()) {
    for (const row of periods) {
      const { from, to } = row;
      const known = shared.get(`${from}/${to}`) ?? { entry: { from, to, days: [] }, rows: [] };
      shared.set(`${from}/${to}`, known);
      known.rows.push(row);
      if (!known.entry.days.includes(index + 1)) known.entry.days.push(index + 1);
    }
  }
  const weekly = [...shared.values()];
  const parsed = scheduleTimes.safeParse({
    weekly: weekly.map(({ entry }) => entry),
    exceptions: exceptions.map(({ from, to, periods }) => ({ from, to, periods: periods.map(bare) })),
  });
  if (parsed.success) return { times: parsed.data, problems: new Map() };

  const rowsAt = ([list, index, part, periodIndex]: readonly PropertyKey[]): readonly { key: string }[] => {
    if (list === 'weekly') return weekly[Number(index)]?.rows ?? [];
    const exception = exceptions[Number(index)];
    const row = part === 'periods' ? exception?.periods[Number(periodIndex)] : exception;
    return row ? [row] : [];
  };
  const problems = new Map<string, string>();
  for (const { path, code } of parsed.error.issues) {
    const field = path.at(-1) === 'from' ? 'from' : 'to';
    const isDate = path[0] === 'exceptions' && path[2] !== 'periods';
    for (const row of rowsAt(path)) problems.set(fieldKey(row, field), isDate ? dateProblem(code) : timeProblem);
    if (rowsAt(path).length === 0) problems.set('', tooMany);
  }
  return { times: null, problems };
}

const timeProblem = 'A time such as 08:30.';
const tooMany = 'Too much: at most 50 different periods a week, 100 exceptions, and 10 periods each.';

/** The contract's own rule says that the days are in the wrong order; every other issue is that one is no date. */
function dateProblem(code: string): string {
  return code === 'custom' ? 'Not before the first day.' : 'A day.';
}

function bare({ from, to }: PeriodDraft) {
  return { from, to };
}
