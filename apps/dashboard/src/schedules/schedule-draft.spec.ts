import { describe, expect, it } from '@jest/globals';
import { draftOf, fieldKey, newException, newPeriod, timesOf } from './schedule-draft.ts';

const times = {
  weekly: [
    { days: [1, 2, 3, 4, 5], from: '08:00', to: '12:00' },
    { days: [1, 2, 3, 4, 5], from: '13:00', to: '18:00' },
    { days: [6], from: '22:00', to: '06:00' },
  ],
  exceptions: [
    { from: '2026-12-24', to: '2026-12-31', periods: [] },
    { from: '2027-01-04', to: '2027-01-04', periods: [{ from: '10:00', to: '24:00' }] },
  ],
};

describe('a schedule while it is typed', () => {
  it('is itself when nothing was changed', () => {
    expect(timesOf(draftOf(times))).toEqual({ times, problems: new Map() });
  });

  it('has rows of its own on every day', () => {
    expect(draftOf(times).days.map((rows) => rows.length)).toEqual([2, 2, 2, 2, 2, 1, 0]);
  });

  it('names the field of a time that is none, on every day that has it', () => {
    const rows = [newPeriod('08:00', '25:00'), newPeriod('08:00', '25:00')];
    const { times, problems } = timesOf({ days: [[], rows], exceptions: [] });
    expect(times).toBeNull();
    expect([...problems.keys()]).toEqual(rows.map((row) => fieldKey(row, 'to')));
  });

  it('names the field of an exception that ends before it begins, lacks a day, or has a time that is none', () => {
    const period = newPeriod('', '12:00');
    const reversed = newException('2026-03-02', '2026-03-01');
    const dayless = newException('', '2026-03-01');
    const timeless = { ...newException('2026-03-01'), periods: [period] };
    const { problems } = timesOf({ days: [], exceptions: [reversed, dayless, timeless] });
    expect(problems).toEqual(
      new Map([
        [fieldKey(reversed, 'to'), 'Not before the first day.'],
        [fieldKey(dayless, 'from'), 'A day.'],
        [fieldKey(period, 'from'), 'A time such as 08:30.'],
      ]),
    );
  });

  it('says when there is more than devices take', () => {
    const exceptions = Array.from({ length: 101 }, () => newException('2026-03-01'));
    expect(timesOf({ days: [], exceptions }).problems.get('')).toMatch(/at most/);
  });
});
