const minutesOfDay = 24 * 60;

/** A time of day as people type it (`8`, `830`, `8:30`, `8.30`) as `HH:MM`; what is none stays as it is. `24` is midnight at the end. */
export function dayTimeOf(text: string): string {
  const [, hours, minutes = '0'] = /^(\d{1,2})(?:[:.h]?(\d{2}))?$/.exec(text.trim()) ?? [];
  if (hours === undefined) return text.trim();
  const minute = Number(hours) * 60 + Number(minutes);
  if (Number(minutes) > 59 || minute > minutesOfDay) return text.trim();
  return `${hours.padStart(2, '0')}:${minutes.padStart(2, '0')}`;
}

/** Minutes since midnight; null for what is no time. */
export function minuteOf(time: string): number | null {
  const [, hours, minutes] = /^(\d{2}):(\d{2})$/.exec(time) ?? [];
  return hours === undefined ? null : Number(hours) * 60 + Number(minutes);
}

/** Whether a period goes on after midnight: a part of the next day is in it. `00:00` is the end of the day as `24:00` is. */
export function isOvernight({ from, to }: { readonly from: string; readonly to: string }): boolean {
  const [begin, end] = [minuteOf(from), minuteOf(to)];
  return begin !== null && end !== null && end > 0 && end <= begin;
}

/** A part of a day's bar, in minutes since midnight. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

type Times = readonly { readonly from: string; readonly to: string }[];

/** What of a day is allowed: its own periods to midnight, and what the day before leaves over. */
export function spansOf(day: Times, dayBefore: Times): readonly Span[] {
  const own = day.map(({ from, to }) => ({ from: minuteOf(from), to: endOf(from, to) }));
  const left = dayBefore.filter(isOvernight).map(({ to }) => ({ from: 0, to: minuteOf(to) }));
  return [...left, ...own].flatMap(({ from, to }) => (from === null || to === null ? [] : [{ from, to }]));
}

function endOf(from: string, to: string): number | null {
  const [begin, end] = [minuteOf(from), minuteOf(to)];
  return begin === null || end === null ? null : end > begin ? end : minutesOfDay;
}
