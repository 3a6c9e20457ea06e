import type { DoorRules } from './access.ts';
import type { MonotonicMs } from './door-machine.ts';

/**
 * What failures are counted by. A person's id: a face that is not live looked like them, or was claimed to be them and was
 * not. `claims`: somebody claimed to be one person after the other. A stranger who only walks by fails at nothing, so nobody
 * can lock residents out by passing; and whoever attacks one person's face locks out that face and no other.
 */
export type LockOutKey = string;

/** The key under which failed claims of all persons count together. */
export const allClaims: LockOutKey = 'claims';

/** Failures under one key. */
export interface LockOutEntry {
  /** Those that may still add up to a lock-out. */
  readonly failures: readonly MonotonicMs[];
  /** How many lock-outs there were in a row. */
  readonly strikes: number;
  /** End of the last lock-out, null when there was none. */
  readonly until: MonotonicMs | null;
}

/** Failures at one door. */
export type LockOuts = ReadonlyMap<LockOutKey, LockOutEntry>;

/** No failures. */
export const noLockOuts: LockOuts = new Map();

/** However often: no lock-out is longer, or an attacker could keep a resident out for good. */
const longestMs = 3_600_000;
/** A row of lock-outs ends when nothing failed for so long after the last one. */
const calmMs = 3_600_000;

type LockOutRule = DoorRules['lockOut'];

/** The failures with one more. Each lock-out in a row is twice as long as the one before. Failures while locked out count for nothing. */
export function recordFailure(lockOuts: LockOuts, key: LockOutKey, at: MonotonicMs, rule: LockOutRule): LockOuts {
  if (!rule.enabled || isLockedOut(lockOuts, key, at, rule)) return lockOuts;
  const current = new Map([...lockOuts].filter(([, entry]) => isAlive(entry, at, rule)));
  const { failures, strikes, until } = current.get(key) ?? { failures: [], strikes: 0, until: null };
  const recent = [...failures.filter((failedAt) => at - failedAt < rule.windowS * 1000), at];
  if (recent.length < rule.failures) return current.set(key, { failures: recent, strikes, until });
  const lockedMs = Math.max(rule.forS * 1000, Math.min(rule.forS * 1000 * 2 ** strikes, longestMs));
  return current.set(key, { failures: [], strikes: strikes + 1, until: at + lockedMs });
}

/** The failures after a success under a key: they no longer add up, the row of lock-outs stays. */
export function recordSuccess(lockOuts: LockOuts, key: LockOutKey): LockOuts {
  const entry = lockOuts.get(key);
  if (!entry || entry.failures.length === 0) return lockOuts;
  return new Map(lockOuts).set(key, { ...entry, failures: [] });
}

/** Whether a key is locked out. */
export function isLockedOut(lockOuts: LockOuts, key: LockOutKey, at: MonotonicMs, rule: LockOutRule): boolean {
  const until = lockOuts.get(key)?.until ?? null;
  return rule.enabled && until !== null && at < until;
}

/** Lock-outs on the clock of another process, as {@link resumePassages} does it: a restart never shortens one. */
export function resumeLockOuts(lockOuts: LockOuts, keptAt: MonotonicMs, at: MonotonicMs): LockOuts {
  const moved = (time: MonotonicMs) => at + (time - keptAt);
  return new Map(
    [...lockOuts].map(([key, { failures, strikes, until }]) => [
      key,
      { failures: failures.map(moved), strikes, until: until === null ? null : moved(until) },
    ]),
  );
}

function isAlive({ failures, until }: LockOutEntry, at: MonotonicMs, rule: LockOutRule): boolean {
  return failures.some((failedAt) => at - failedAt < rule.windowS * 1000) || (until !== null && at - until < calmMs);
}
