import type { ScheduleTimes } from '@latchkey/contracts';

/** Days of the week, Monday first. */
export const dayNames = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;

type Weekly = ScheduleTimes['weekly'];

/** A week in words: "Mon–Fri 08:00–18:00; Sat 09:00–12:00". Empty when nobody ever enters. */
export function weekWords(weekly: Weekly): string {
  return [...weekly]
    .sort((a, b) => Math.min(...a.days) - Math.min(...b.days) || a.from.localeCompare(b.from))
    .map(({ days, from, to }) => `${daysWords(days)} ${from}–${to}`)
    .join('; ');
}

/** Days in words: three or more in a row as "Mon–Wed". */
function daysWords(days: readonly number[]): string {
  const runs: number[][] = [];
  for (const day of [...new Set(days)].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last?.at(-1) === day - 1) last.push(day);
    else runs.push([day]);
  }
  return runs
    .flatMap((run) => (run.length > 2 ? [`${short(run[0])}–${short(run.at(-1))}`] : run.map((day) => short(day))))
    .join(', ');
}

function short(day: number | undefined): string {
  return dayNames[(day ?? 1) - 1]?.slice(0, 3) ?? '';
}
