import { describe, expect, it } from '@jest/globals';
import { fromLocalInput, toLocalInput } from './local-time.ts';

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
    expect(toLocalInput(null)).toBe('');
  });
});
