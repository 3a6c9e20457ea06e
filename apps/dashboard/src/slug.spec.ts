import { describe, expect, it } from '@jest/globals';
import { slug } from '@latchkey/contracts';
import { slugOf } from './slug.ts';

describe('slugOf', () => {
  it.each([
    ['Front door', 'front-door'],
    ['  Empfang — Gebäude 3 ', 'empfang-gebaude-3'],
    ['x'.repeat(100), 'x'.repeat(64)],
  ])('makes of "%s" an id that the API takes', (name, id) => {
    expect(slugOf(name)).toBe(id);
    expect(slug.safeParse(slugOf(name)).success).toBe(true);
  });

  it('is empty when no letter can stand in an id', () => {
    expect(slugOf('北门')).toBe('');
  });
});
