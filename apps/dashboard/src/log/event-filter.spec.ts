import { describe, expect, it } from '@jest/globals';
import { filterFromSearch, fromLocalInput, isEmptyFilter, toLocalInput, withFilter } from './event-filter.ts';

describe('the filter in the address', () => {
  it('comes back as it was written and leaves other parameters alone', () => {
    const filter = {
      deviceId: 'front-door',
      personId: '018f0000-0000-7000-8000-000000000001',
      kind: 'verification',
      decision: 'granted',
      from: '2026-05-01T00:00:00.000Z',
      to: '2026-05-02T00:00:00.000Z',
    } as const;
    const search = withFilter(new URLSearchParams('event=1&kind=door'), filter);
    expect(filterFromSearch(new URLSearchParams(search.toString()))).toEqual(filter);
    expect(search.get('event')).toBe('1');
  });

  it('leaves out what the API would refuse', () => {
    const search = new URLSearchParams('deviceId=No+Slug&kind=party&decision=granted&from=yesterday');
    expect(filterFromSearch(search)).toEqual({ decision: 'granted' });
  });

  it('is gone from the address when it is empty', () => {
    expect(withFilter(new URLSearchParams('kind=door&from=x'), {}).toString()).toBe('');
    expect(isEmptyFilter(filterFromSearch(new URLSearchParams()))).toBe(true);
    expect(isEmptyFilter({ kind: 'door' })).toBe(false);
  });
});

describe('times that people type', () => {
  it('are local and come back the same', () => {
    const instant = new Date(2026, 4, 1, 9, 30, 15).toISOString();
    expect(toLocalInput(instant)).toBe('2026-05-01T09:30:15');
    expect(fromLocalInput('2026-05-01T09:30:15')).toBe(instant);
  });

  it('are nothing when the field is empty or holds no date', () => {
    expect(fromLocalInput('')).toBeUndefined();
    expect(fromLocalInput('soon')).toBeUndefined();
    expect(toLocalInput(undefined)).toBe('');
  });
});
