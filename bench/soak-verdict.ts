/** What one minute looked like. */
export interface SoakMinute {
  /** From 1. */
  readonly minute: number;
  /** Least resident memory of the agent's process that was seen in it, in MB (10⁶ bytes); what allocators hold back comes on top. */
  readonly rssMB: number;
  /** Most resident memory that was seen in it. */
  readonly rssMaxMB: number;
  /** Least JavaScript heap after a collection, over all of its threads, in MB; null when nothing was collected. */
  readonly heapMB: number | null;
  /** Most open files and sockets of the process. */
  readonly handles: number;
  readonly threads: number;
  /** Rows that came into central's log. */
  readonly events: number;
  /** Lines of the agent's log that are warnings, and errors or worse. */
  readonly warnings: number;
  readonly errors: number;
  /** Resident memory of central, in MB, null when it could not be read. */
  readonly centralMB: number | null;
}

/** How something grew. */
export interface Growth {
  readonly perMinute: number;
  /** By how much the line rises from the first minute after the warm-up to the last. */
  readonly total: number;
  /** Rising so much by chance is less likely than one in forty. */
  readonly isSignificant: boolean;
}

/** The agent with its default models stays below this (issue of the door's promises). */
export const maxRssMB = 350;
/** Growth below this may be anything: pages of a table that fills up, the database's cache. Of two tolerances the larger counts. */
const toleratedMB = 8;
const toleratedShare = 0.05;
/** A connection that is made anew may overlap with the one before. */
const toleratedHandles = 4;
/** Fewer minutes after the warm-up make no line. */
const leastMinutes = 4;

/** Minutes in which caches, pools and the compiler find their size: a fifth, at least one. */
export function warmUpOf(minutes: number): number {
  return Math.max(1, Math.round(minutes / 5));
}

/** The straight line through values of successive minutes (least squares), null for fewer than four. */
export function growthOf(values: readonly number[]): Growth | null {
  const n = values.length;
  if (n < leastMinutes) return null;
  const meanX = (n - 1) / 2;
  const meanY = values.reduce((sum, value) => sum + value, 0) / n;
  let xx = 0;
  let xy = 0;
  for (const [x, value] of values.entries()) {
    xx += (x - meanX) ** 2;
    xy += (x - meanX) * (value - meanY);
  }
  const perMinute = xy / xx;
  const rest = values.reduce((sum, value, x) => sum + (value - meanY - perMinute * (x - meanX)) ** 2, 0);
  const error = Math.sqrt(rest / (n - 2) / xx);
  return { perMinute, total: perMinute * (n - 1), isSignificant: perMinute > 2 * error };
}

/**
 * What is wrong with a run, in sentences; none: it is flat. Memory must not rise over the minutes after the warm-up by more than 8 MB or a
 * twentieth, whichever is more, unless that rise is no line at all; handles not by more than four.
 */
export function faultsOf(all: readonly SoakMinute[]): readonly string[] {
  const faults: string[] = [];
  const peak = Math.max(...all.map(({ rssMaxMB }) => rssMaxMB));
  if (peak > maxRssMB) faults.push(`The agent took ${peak.toFixed(0)} MB, more than ${maxRssMB}.`);
  const errors = all.reduce((sum, minute) => sum + minute.errors, 0);
  if (errors > 0) faults.push(`The agent logged ${errors} errors.`);
  const steady = all.slice(warmUpOf(all.length));
  const silent = steady.filter(({ events }) => events === 0).map(({ minute }) => minute);
  if (silent.length > 0) faults.push(`No event reached central in minute ${silent.join(', ')}.`);
  const handles = steady.map((minute) => minute.handles);
  const more = (handles.at(-1) ?? 0) - (handles[0] ?? 0);
  if (more > toleratedHandles) faults.push(`Handles grew from ${handles[0]} to ${handles.at(-1)}.`);
  faults.push(
    ...grown(
      'Resident memory',
      steady.map(({ rssMB }) => rssMB),
    ),
  );
  faults.push(
    ...grown(
      'The heap',
      steady.flatMap(({ heapMB }) => heapMB ?? []),
    ),
  );
  faults.push(
    ...grown(
      "Central's memory",
      steady.flatMap(({ centralMB }) => centralMB ?? []),
      centralTolerance,
    ),
  );
  return faults;
}

/** Central keeps pools for any number of devices, and fills them over its first minutes. */
const centralTolerance = 40;

function grown(what: string, values: readonly number[], tolerance = toleratedMB): string[] {
  const growth = growthOf(values);
  if (!growth?.isSignificant) return [];
  const tolerated = Math.max(tolerance, (values[0] ?? 0) * toleratedShare);
  if (growth.total <= tolerated) return [];
  return [
    `${what} grows by ${growth.perMinute.toFixed(2)} MB a minute, ${growth.total.toFixed(1)} MB since the warm-up; ${tolerated.toFixed(1)} are tolerated.`,
  ];
}
