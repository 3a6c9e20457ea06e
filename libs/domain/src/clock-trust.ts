import type { MonotonicMs } from './door-machine.ts';
import type { EpochMs } from './ports.ts';

/** Limits of trust in a device's clock. */
export interface ClockPolicy {
  /** How long a confirmation holds, in milliseconds of running. */
  readonly confirmationMs: number;
  /** Greatest difference between the device's clock and central's that still counts as confirmed. */
  readonly maxOffsetMs: number;
  /** Longest time between question and answer that a measurement may take; its error is half of that. */
  readonly maxRoundTripMs: number;
}

/**
 * 24 h of running: PROTOCOL.md §5. One minute: schedules are kept to the minute. 10 s: an answer that took longer says
 * more about the network than about the clock.
 */
export const defaultClockPolicy: ClockPolicy = {
  confirmationMs: 24 * 3_600_000,
  maxOffsetMs: 60_000,
  maxRoundTripMs: 10_000,
};

/** One reading of the device's two clocks, taken together. */
export interface ClockReading {
  /** Wall clock. */
  readonly now: EpochMs;
  readonly monotonicMs: MonotonicMs;
}

/** What is known of a device's clock. */
export interface ClockTrust {
  /** The clock cannot be right below this: the later of build date and last persisted time. */
  readonly floor: EpochMs;
  /** The last measurement against central of this run, null when there was none. */
  readonly confirmation: (ClockReading & { readonly offsetMs: number }) | null;
}

/** What is known of a clock when a process starts: nothing confirms it, whatever an earlier process knew. */
export function unconfirmedClock(buildDate: EpochMs, lastPersisted: EpochMs | null): ClockTrust {
  return { floor: Math.max(buildDate, lastPersisted ?? buildDate), confirmation: null };
}

/**
 * After a signed answer that was bound to a nonce of ours: the device's clock minus central's, central's reading taken
 * to be of half way between question and answer. An answer that took too long, or that would lie before its question,
 * measures nothing. The floor stays: were it raised by what central says, one wrong clock there would make every device
 * distrust its own for as long.
 */
export function confirmClock(
  trust: ClockTrust,
  centralTime: EpochMs,
  asked: ClockReading,
  answered: ClockReading,
  policy: ClockPolicy = defaultClockPolicy,
): ClockTrust {
  const roundTripMs = answered.monotonicMs - asked.monotonicMs;
  if (roundTripMs < 0 || roundTripMs > policy.maxRoundTripMs) return trust;
  const offsetMs = Math.round(answered.now - (centralTime + roundTripMs / 2));
  return { floor: trust.floor, confirmation: { ...answered, offsetMs } };
}

/**
 * Whether the clock may be believed (PROTOCOL.md §5): above the floor, confirmed within `confirmationMs` of running, not
 * too far from central's, and not set to another time since.
 */
export function isClockTrusted(
  { floor, confirmation }: ClockTrust,
  reading: ClockReading,
  policy: ClockPolicy = defaultClockPolicy,
): boolean {
  if (confirmation === null || reading.now < floor) return false;
  const ranMs = reading.monotonicMs - confirmation.monotonicMs;
  if (ranMs < 0 || ranMs > policy.confirmationMs) return false;
  const jumpMs = reading.now - confirmation.now - ranMs;
  return Math.abs(confirmation.offsetMs + jumpMs) <= policy.maxOffsetMs;
}
