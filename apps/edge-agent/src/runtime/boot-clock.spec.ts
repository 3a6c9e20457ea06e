import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@latchkey/testing';
import { bootClock, parseUptime } from './boot-clock.ts';

describe('boot clock', () => {
  it('reads what the kernel says, in milliseconds', () => {
    expect(parseUptime('350735.47 234388.90\n')).toBe(350_735_470);
    expect(parseUptime('0.05 0.01\n')).toBe(50);
  });

  it.each(['', '\n', 'soon 1.00\n', '-1.00 1.00\n', '12 13\n', 'NaN NaN\n'])('has no time for %j', (text) => {
    expect(() => parseUptime(text)).toThrow(expect.objectContaining({ code: 'internal' }));
  });

  it('goes on, and no setting of the wall clock moves it', () => {
    const clock = new ManualClock();
    const elsewhere = bootClock(clock, 'darwin');
    const before = elsewhere();
    clock.setWall(0);
    expect(elsewhere()).toBe(before);
    clock.advance(5);
    expect(elsewhere()).toBe(before + 5);
  });

  (process.platform === 'linux' ? it : it.skip)('is the machine’s own on Linux', () => {
    const read = bootClock(new ManualClock());
    const first = read();
    expect(first).toBeGreaterThan(0);
    expect(read()).toBeGreaterThanOrEqual(first);
  });
});
