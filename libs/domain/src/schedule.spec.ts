import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isTimeZone, isWithinSchedule, type Schedule } from './schedule.ts';

const berlin = 'Europe/Berlin';
const office: Schedule = {
  weekly: [{ days: [1, 2, 3, 4, 5], from: '08:00', to: '18:00' }],
  exceptions: [
    { from: '2026-12-24', to: '2026-12-31', periods: [] },
    { from: '2026-12-05', to: '2026-12-05', periods: [{ from: '10:00', to: '12:00' }] },
  ],
};
const nights: Schedule = {
  weekly: [{ days: [5], from: '22:00', to: '06:00' }],
  exceptions: [{ from: '2026-11-28', to: '2026-11-28', periods: [] }],
};
const small: Schedule = { weekly: [{ days: [7], from: '02:15', to: '02:45' }], exceptions: [] };
const allDay: Schedule = { weekly: [{ days: [3], from: '00:00', to: '24:00' }], exceptions: [] };

describe('a schedule', () => {
  it.each<[string, Schedule, string, string, boolean]>([
    ['a weekday', office, '2026-11-25T12:00:00Z', berlin, true],
    ['its first minute', office, '2026-11-25T07:00:00Z', berlin, true],
    ['the minute before', office, '2026-11-25T06:59:59.999Z', berlin, false],
    ['its last minute', office, '2026-11-25T16:59:59.999Z', berlin, true],
    ['its end', office, '2026-11-25T17:00:00Z', berlin, false],
    ['the same hour in summer', office, '2026-07-22T06:00:00Z', berlin, true],
    ['the same hour in another zone', office, '2026-11-25T07:00:00Z', 'America/New_York', false],
    ['a zone of half an hour', office, '2026-11-25T02:30:00Z', 'Asia/Kolkata', true],
    ['a Sunday', office, '2026-11-29T12:00:00Z', berlin, false],
    ['a holiday', office, '2026-12-24T12:00:00Z', berlin, false],
    ['within many of them', office, '2026-12-29T12:00:00Z', berlin, false],
    ['after the last', office, '2027-01-01T12:00:00Z', berlin, true],
    ['a Saturday with hours of its own', office, '2026-12-05T10:00:00Z', berlin, true],
    ['outside these', office, '2026-12-05T12:00:00Z', berlin, false],
    ['a night, before midnight', nights, '2026-11-20T22:30:00Z', berlin, true],
    ['the same after midnight', nights, '2026-11-21T04:59:59Z', berlin, true],
    ['the same at its end', nights, '2026-11-21T05:00:00Z', berlin, false],
    ['the night after, on no day of its own', nights, '2026-11-21T22:30:00Z', berlin, false],
    ['a night into a holiday, before midnight', nights, '2026-11-27T22:30:00Z', berlin, true],
    ['the same after midnight', nights, '2026-11-28T00:30:00Z', berlin, false],
    ['a whole day, its first moment', allDay, '2026-11-24T23:00:00Z', berlin, true],
    ['a whole day, its last moment', allDay, '2026-11-25T22:59:59.999Z', berlin, true],
    ['the day after', allDay, '2026-11-25T23:00:00Z', berlin, false],
    // Berlin, 25 October 2026: 02:00–03:00 is there twice, from 00:00Z and from 01:00Z.
    ['an hour that is there twice, the first', small, '2026-10-25T00:30:00Z', berlin, true],
    ['the second', small, '2026-10-25T01:30:00Z', berlin, true],
    ['between both', small, '2026-10-25T01:00:00Z', berlin, false],
    // Berlin, 29 March 2026: 01:00Z is 03:00, there is no 02:30.
    ['an hour that is left out', small, '2026-03-29T01:00:00Z', berlin, false],
    ['the moment before', small, '2026-03-29T00:59:59Z', berlin, false],
  ])('%s', (_, schedule, now, timeZone, within) => {
    expect(isWithinSchedule(schedule, Date.parse(now), timeZone)).toBe(within);
  });

  it('allows nothing that cannot be read', () => {
    const broken: Schedule = { weekly: [{ days: [1, 2, 3, 4, 5, 6, 7], from: 'noon', to: '18:00' }], exceptions: [] };
    expect(isWithinSchedule(broken, Date.UTC(2026, 10, 25, 12), 'UTC')).toBe(false);
  });

  it('refuses a zone that nobody knows', () => {
    expect(isTimeZone('Europe/Atlantis')).toBe(false);
    expect(() => isWithinSchedule(office, 0, 'Europe/Atlantis')).toThrow(
      expect.objectContaining({ code: 'invalid-input' }),
    );
  });

  it('allows in every zone as much of an ordinary day as its hours', () => {
    const zones = ['UTC', berlin, 'America/New_York', 'Asia/Kolkata', 'Pacific/Auckland', 'America/St_Johns'];
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.integer({ min: 0, max: 6 }), (timeZone, day) => {
        // The second week of May 2026: no zone of these changes its clocks.
        const start = Date.UTC(2026, 4, 4 + day);
        const quarters = Array.from({ length: 7 * 96 }, (_, i) => start + i * 900_000);
        const allowed = quarters.filter((now) => isWithinSchedule(office, now, timeZone)).length;
        expect(allowed).toBe(5 * 10 * 4);
      }),
    );
  });

  it('never allows a moment of an exception without periods', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 8 * 1440 - 1 }), (minute) => {
        const now = Date.parse('2026-12-23T23:00:00Z') + minute * 60_000;
        expect(isWithinSchedule(office, now, berlin)).toBe(false);
      }),
    );
  });
});
