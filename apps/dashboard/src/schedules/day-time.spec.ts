import { describe, expect, it } from '@jest/globals';
import { dayTimeOf, isOvernight, spansOf } from './day-time.ts';
import { weekWords } from './schedule-words.ts';

describe('a time of day', () => {
  it.each([
    ['8', '08:00'],
    ['830', '08:30'],
    ['8:30', '08:30'],
    ['8.30', '08:30'],
    [' 18h15 ', '18:15'],
    ['24', '24:00'],
    ['2401', '2401'],
    ['12:60', '12:60'],
    ['noon', 'noon'],
    ['', ''],
  ])('typed as "%s" is "%s"', (typed, time) => {
    expect(dayTimeOf(typed)).toBe(time);
  });
});

describe('a period', () => {
  it.each([
    ['08:00', '18:00', false],
    ['22:00', '06:00', true],
    ['08:00', '08:00', true],
    ['08:00', '00:00', false],
    ['00:00', '24:00', false],
    ['08:00', '', false],
  ])('from %s to %s goes on after midnight: %s', (from, to, overnight) => {
    expect(isOvernight({ from, to })).toBe(overnight);
  });

  it('fills its own day to midnight and the next day up to its end', () => {
    const night = [{ from: '22:00', to: '06:00' }];
    expect(spansOf(night, [])).toEqual([{ from: 22 * 60, to: 24 * 60 }]);
    expect(spansOf([{ from: '08:00', to: 'noon' }], night)).toEqual([{ from: 0, to: 6 * 60 }]);
  });
});

describe('a week in words', () => {
  it('joins days in a row', () => {
    expect(
      weekWords([
        { days: [6, 7], from: '09:00', to: '12:00' },
        { days: [5, 1, 2, 4], from: '08:00', to: '18:00' },
        { days: [1, 2, 3], from: '06:00', to: '07:00' },
      ]),
    ).toBe('Mon–Wed 06:00–07:00; Mon, Tue, Thu, Fri 08:00–18:00; Sat, Sun 09:00–12:00');
  });
});
