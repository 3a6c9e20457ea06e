const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const units = [
  { unit: 'day', ms: day },
  { unit: 'hour', ms: hour },
  { unit: 'minute', ms: minute },
  { unit: 'second', ms: second },
] as const;

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/**
 * The page is in English; the visitor's own variety of it decides the order of days and months. Browsers may name languages that
 * are no valid tags (`en-US@posix`): those are passed over.
 */
export function englishOf(languages: readonly string[]): string {
  return languages.find((language) => language.startsWith('en') && isLocale(language)) ?? 'en-GB';
}

function isLocale(language: string): boolean {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(language).length > 0;
  } catch {
    return false;
  }
}

const locale = englishOf(typeof navigator === 'undefined' ? [] : (navigator.languages ?? []));
const exact = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'long' });
const clock = new Intl.DateTimeFormat(locale, { timeStyle: 'medium' });
const longDate = new Intl.DateTimeFormat(locale, { dateStyle: 'medium' });
const shortDate = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' });

/** How long ago, in one unit: "3 minutes ago". Under five seconds, and what clocks put a little ahead, is "just now". */
export function relativeTime(atMs: number, nowMs: number): string {
  const difference = atMs - nowMs;
  if (Math.abs(difference) < 5 * second) return 'just now';
  const { unit, ms } = units.find((candidate) => Math.abs(difference) >= candidate.ms) ?? units[3];
  return relative.format(Math.trunc(difference / ms), unit);
}

/** Date, time to the second and time zone. */
export function exactTime(instant: string): string {
  return exact.format(new Date(instant));
}

/** The day, with its year. */
export function exactDay(instant: string): string {
  return longDate.format(new Date(instant));
}

/** Time of day to the second. */
export function clockTime(instant: string): string {
  return clock.format(new Date(instant));
}

/** Day and month, or null for the day of `nowMs`. */
export function dayUnlessToday(instant: string, nowMs: number): string | null {
  const at = new Date(instant);
  return at.toDateString() === new Date(nowMs).toDateString() ? null : shortDate.format(at);
}

/** Bytes as "12 MB". */
export function byteSize(bytes: number): string {
  const megabytes = bytes / 1024 / 1024;
  return megabytes >= 1
    ? `${megabytes.toFixed(megabytes < 10 ? 1 : 0)} MB`
    : `${Math.max(1, Math.round(bytes / 1024))} KB`;
}

/** "1 photo", "2 photos". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
