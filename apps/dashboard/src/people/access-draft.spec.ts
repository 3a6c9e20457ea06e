import { describe, expect, it } from '@jest/globals';
import { freeAccess } from '@latchkey/domain';
import { changeOf, datesProblem, draftOf, validityAt } from './access-draft.ts';

const access = { ...freeAccess, validFrom: '2026-12-01T08:00:00.000Z', validUntil: '2026-12-31T18:00:00.999Z' };
const before = draftOf({ access, always: false });

describe('what binds a person, while it is typed', () => {
  it('changes nothing when nothing was changed, also where a field shows less than is saved', () => {
    expect(changeOf(before, before)).toEqual({});
  });

  it('changes what was changed, and nothing else', () => {
    expect(changeOf(before, { ...before, scheduleId: 'office', validUntil: '' })).toEqual({
      access: { scheduleId: 'office', validUntil: null },
    });
    expect(changeOf(before, { ...before, always: true })).toEqual({ always: true });
    expect(changeOf(before, draftOf({ access: freeAccess, always: false }))).toEqual({
      access: { validFrom: null, validUntil: null },
    });
  });

  it.each([
    ['', '', true],
    ['2026-12-01T08:00', '', true],
    ['2026-12-01T08:00', '2026-12-01T08:01', true],
    ['2026-12-01T08:00', '2026-12-01T08:00', false],
    ['2026-12-02T08:00', '2026-12-01T08:00', false],
  ])('from "%s" until "%s" may be saved: %s', (validFrom, validUntil, right) => {
    expect(datesProblem({ ...before, validFrom, validUntil }) === null).toBe(right);
  });

  it.each([
    ['2026-11-30T00:00:00.000Z', 'early'],
    ['2026-12-01T08:00:00.000Z', 'current'],
    ['2026-12-31T18:00:00.999Z', 'over'],
  ])('at %s is %s', (now, validity) => {
    expect(validityAt(access, Date.parse(now))).toBe(validity);
  });
});
