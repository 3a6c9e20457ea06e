import { describe, expect, it } from '@jest/globals';
import { confirmClock, isClockTrusted, unconfirmedClock } from './clock-trust.ts';

const hourMs = 3_600_000;
const built = Date.UTC(2026, 10, 1);
const noon = Date.UTC(2026, 10, 24, 12);
/** Both clocks after running for `ms`, the wall clock `fast` milliseconds ahead of the truth. */
const after = (ms: number, fast = 0) => ({ now: noon + ms + fast, monotonicMs: 5000 + ms });
const confirmed = confirmClock(unconfirmedClock(built, null), noon + 50, after(0), after(100));

describe('trust in the clock', () => {
  it('starts with none, whatever time it is', () => {
    expect(isClockTrusted(unconfirmedClock(built, null), after(0))).toBe(false);
  });

  it('takes the later of build date and last persisted time as floor', () => {
    expect(unconfirmedClock(built, null).floor).toBe(built);
    expect(unconfirmedClock(built, built - 1).floor).toBe(built);
    expect(unconfirmedClock(built, noon).floor).toBe(noon);
  });

  it('measures the offset against half way between question and answer', () => {
    expect(confirmed.confirmation?.offsetMs).toBe(0);
    const slow = confirmClock(unconfirmedClock(built, null), noon + 50 + 7000, after(0), after(100));
    expect(slow.confirmation?.offsetMs).toBe(-7000);
  });

  it.each([
    ['right after', after(100), true],
    ['24 h of running later', after(24 * hourMs), true],
    ['more than 24 h later', after(24 * hourMs + 101), false],
    ['when the clock was set an hour ahead since', after(hourMs, hourMs), false],
    ['when the clock was set back since', after(hourMs, -2 * 60_000), false],
    ['when the clock drifted by seconds', after(hourMs, 5000), true],
    ['when the monotonic clock started anew', { now: noon + hourMs, monotonicMs: 0 }, false],
  ])('%s → trusted or not', (_, reading, trusted) => {
    expect(isClockTrusted(confirmed, reading)).toBe(trusted);
  });

  it('is not confirmed by a central whose clock is far from ours', () => {
    const far = confirmClock(unconfirmedClock(built, null), noon - 2 * 60_000, after(0), after(100));
    expect(isClockTrusted(far, after(200))).toBe(false);
  });

  it('is not given below the floor, even when central confirms', () => {
    const back = confirmClock(unconfirmedClock(built, noon + hourMs), noon + 50, after(0), after(100));
    expect(isClockTrusted(back, after(200))).toBe(false);
  });

  it('is not changed by an answer that took too long or that was never asked', () => {
    const trust = unconfirmedClock(built, null);
    expect(confirmClock(trust, noon, after(0), after(10_001))).toEqual(trust);
    expect(confirmClock(trust, noon, after(100), after(0))).toEqual(trust);
  });
});
