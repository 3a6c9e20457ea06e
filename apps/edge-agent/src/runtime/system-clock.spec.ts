import { beforeEach, describe, expect, it } from '@jest/globals';
import { SystemClock } from './system-clock.ts';

describe('the machine’s clock', () => {
  let awakeMs: number;
  let uptimeMs: number | null;
  let asked: number;
  let clock: SystemClock;

  beforeEach(() => {
    awakeMs = 1_000;
    uptimeMs = 86_400_000;
    asked = 0;
    clock = new SystemClock(
      () => {
        asked++;
        return uptimeMs;
      },
      () => awakeMs,
    );
  });

  const pass = (ms: number, asleepMs = 0) => {
    awakeMs += ms;
    if (uptimeMs !== null) uptimeMs += ms + asleepMs;
    return clock.monotonicMs();
  };

  it('goes on by what passes, and by the time that the machine slept', () => {
    const start = clock.monotonicMs();
    expect(pass(40) - start).toBe(40);
    expect(pass(5, 10_800_000) - start).toBe(10_800_045);
    expect(pass(5) - start).toBe(10_800_050);
    expect(pass(5, 2_000) - start).toBe(10_802_055);
  });

  it('takes no step of the kernel’s clock for sleep', () => {
    const start = clock.monotonicMs();
    for (let i = 1; i <= 100; i++) expect(pass(7, i % 2 === 0 ? 10 : -10) - start).toBe(7 * i);
  });

  it('is Node’s own where the kernel says nothing', () => {
    uptimeMs = null;
    const start = clock.monotonicMs();
    expect(pass(40) - start).toBe(40);
  });

  it('asks the kernel once for what is looked at together', () => {
    clock.monotonicMs();
    for (let i = 0; i < 8; i++) pass(0.5);
    expect(asked).toBe(1);
    pass(1);
    expect(asked).toBe(2);
  });

  (process.platform === 'linux' ? it : it.skip)('keeps step with the kernel’s', () => {
    const own = new SystemClock();
    const before = own.monotonicMs();
    expect(Math.abs(before - performance.now())).toBeLessThan(500);
    expect(own.monotonicMs()).toBeGreaterThanOrEqual(before);
  });
});
