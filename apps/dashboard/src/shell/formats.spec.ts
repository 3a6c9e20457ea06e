import { describe, expect, it } from '@jest/globals';
import { byteSize, counted, dayUnlessToday, englishOf, relativeTime } from './formats.ts';

describe('relativeTime', () => {
  const now = Date.parse('2026-05-01T12:00:00.000Z');

  it.each([
    [0, 'just now'],
    [3_000, 'just now'],
    [-2_000, 'just now'],
    [12_000, '12 seconds ago'],
    [61_000, '1 minute ago'],
    [59 * 60_000, '59 minutes ago'],
    [2 * 3_600_000, '2 hours ago'],
    [24 * 3_600_000, 'yesterday'],
    [10 * 86_400_000, '10 days ago'],
  ])('says of %d ms ago "%s"', (ageMs, text) => {
    expect(relativeTime(now - ageMs, now)).toBe(text);
  });
});

describe('englishOf', () => {
  it.each([
    [['de-DE', 'en-US', 'en'], 'en-US'],
    [['en-US@posix', 'en'], 'en'],
    [['fr'], 'en-GB'],
    [[], 'en-GB'],
  ])('of %j is %s', (languages, locale) => {
    expect(englishOf(languages)).toBe(locale);
  });
});

describe('other formats', () => {
  it('leaves the day out only when it is today', () => {
    const now = new Date(2026, 4, 1, 12).getTime();
    expect(dayUnlessToday(new Date(2026, 4, 1, 0, 1).toISOString(), now)).toBeNull();
    expect(dayUnlessToday(new Date(2026, 3, 30, 23, 59).toISOString(), now)).toMatch(/30/);
  });

  it('counts and measures in words', () => {
    expect(counted(1, 'photo')).toBe('1 photo');
    expect(counted(0, 'person', 'people')).toBe('0 people');
    expect(byteSize(700)).toBe('1 KB');
    expect(byteSize(3_500_000)).toBe('3.3 MB');
  });
});
