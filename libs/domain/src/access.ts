import type { EpochMs } from './ports.ts';

/** What binds a person beside being known; carried to devices with the person. */
export interface PersonAccess {
  /** First moment of the right to enter, ISO 8601 in UTC; null: since ever. */
  readonly validFrom: string | null;
  /** End of the right to enter, exclusive, ISO 8601 in UTC; null: for ever. */
  readonly validUntil: string | null;
  /** The schedule that the person is bound to; null: any time. */
  readonly scheduleId: string | null;
  /** Whoever is granted raises a silent alarm: the person enters under threat. */
  readonly duress: boolean;
  /** Enters only together with somebody who may enter alone. */
  readonly escorted: boolean;
}

/** Bound by nothing: what a person without further words has. */
export const freeAccess: PersonAccess = {
  validFrom: null,
  validUntil: null,
  scheduleId: null,
  duress: false,
  escorted: false,
};

/**
 * Access as a gallery's row carries it: absent when it binds nothing, so that such a row has the same hash as one that was
 * written before there was access.
 */
export function carriedAccess(access: PersonAccess): PersonAccess | undefined {
  const { validFrom, validUntil, scheduleId, duress, escorted } = access;
  const isFree = validFrom === null && validUntil === null && scheduleId === null && !duress && !escorted;
  return isFree ? undefined : { validFrom, validUntil, scheduleId, duress, escorted };
}

/** Rules of a door beside who somebody is. */
export interface DoorRules {
  /** IANA name of the zone that schedules are kept in at this door, such as `Europe/Berlin`. */
  readonly timeZone: string;
  /** `report`: a face that seems not to be live is let in and the event says so. `minimum`: 0–1. */
  readonly liveness: { readonly mode: 'off' | 'report' | 'require'; readonly minimum: number };
  /** Whoever would be let in first has to blink or to turn the head as asked, within `challengeMs`. */
  readonly activeLiveness: { readonly required: boolean };
  /** The same person twice within the window. `report`: is let in and the event says so (soft). `deny`: is not (hard). */
  readonly antiPassback: { readonly mode: 'off' | 'report' | 'deny'; readonly windowS: number };
  /** After so many failures within the window nobody passes as that person for `forS`, longer each time. */
  readonly lockOut: {
    readonly enabled: boolean;
    readonly failures: number;
    readonly windowS: number;
    readonly forS: number;
  };
  /** Everybody needs a second person within the time; also the time that escorted persons have where it is not required. */
  readonly twoPerson: { readonly required: boolean; readonly withinS: number };
}

/** What a device knows of the time when it decides. */
export interface TimeOfDecision {
  /** By the device's wall clock. */
  readonly now: EpochMs;
  /** Whether that may be believed (PROTOCOL.md §5). */
  readonly trusted: boolean;
  /** It is certainly not earlier than this, whatever the wall clock says. */
  readonly floor: EpochMs;
}

/** Why a person's dates refuse them. */
export type ValidityRefusal = 'not-yet-valid' | 'expired' | 'clock-untrusted';

/**
 * Whether a person's dates allow this moment. Dates bind everybody while the clock is trusted; while it is not, they refuse
 * all but those who are always admitted, and these too when their end lies before the floor.
 */
export function validityRefusal(
  { validFrom, validUntil }: PersonAccess,
  always: boolean,
  { now, trusted, floor }: TimeOfDecision,
): ValidityRefusal | null {
  if (validFrom === null && validUntil === null) return null;
  // Negated comparisons: a date that cannot be read refuses.
  const over = (moment: EpochMs) => validUntil !== null && !(moment < Date.parse(validUntil));
  if (over(floor)) return 'expired';
  if (!trusted) return always ? null : 'clock-untrusted';
  if (over(now)) return 'expired';
  return validFrom !== null && !(now >= Date.parse(validFrom)) ? 'not-yet-valid' : null;
}
