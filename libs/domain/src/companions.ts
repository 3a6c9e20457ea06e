import type { MonotonicMs } from './door-machine.ts';

/** Somebody who stands before the door and lacks nothing, but perhaps a second person. */
export interface ReadyPerson {
  readonly personId: string;
  /** The face's track: one face is never two persons. */
  readonly trackId: string;
  /** May not enter alone, and so accompanies nobody who may not either. */
  readonly escorted: boolean;
  readonly at: MonotonicMs;
}

/** Who was ready at a door lately, by person. */
export type ReadyPersons = ReadonlyMap<string, ReadyPerson>;

/** Nobody is ready. */
export const nobodyReady: ReadyPersons = new Map();

/** The ready persons with one more, or with one who is ready still. */
export function recordReady(ready: ReadyPersons, person: ReadyPerson, withinMs: number): ReadyPersons {
  const recent = [...ready].filter(([, { at }]) => person.at - at <= withinMs);
  return new Map([...recent, [person.personId, person]]);
}

/** Whether somebody else was ready at most `withinMs` before. */
export function hasCompanion(ready: ReadyPersons, subject: ReadyPerson, withinMs: number): boolean {
  return [...ready.values()].some(
    ({ personId, trackId, escorted, at }) =>
      personId !== subject.personId &&
      trackId !== subject.trackId &&
      !(escorted && subject.escorted) &&
      subject.at - at <= withinMs,
  );
}
