import { describe, expect, it } from '@jest/globals';
import { filterFromSearch, isEmptyFilter, withFilter } from './event-filter.ts';

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
