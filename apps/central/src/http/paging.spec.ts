import { describe, expect, it } from '@jest/globals';
import { isLatchkeyError } from '@latchkey/domain';
import fc from 'fast-check';
import { z } from 'zod';
import { decodeCursor, encodeCursor, pageOf } from './paging.ts';

const position = z.strictObject({ id: z.number() });

describe('a page', () => {
  it('ends without a cursor when there is no row more', () => {
    expect(pageOf([1, 2], 2, (id) => ({ id }))).toEqual({ items: [1, 2], nextCursor: null });
    expect(pageOf([], 2, (id) => ({ id }))).toEqual({ items: [], nextCursor: null });
  });

  it('ends with the position of its last row when there is one more', () => {
    const { items, nextCursor } = pageOf([1, 2, 3], 2, (id) => ({ id }));
    expect(items).toEqual([1, 2]);
    expect(decodeCursor(position, nextCursor ?? '')).toEqual({ id: 2 });
  });
});

describe('a cursor', () => {
  it('gives any position back', () => {
    const any = z.strictObject({ name: z.string() });
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (name) => {
        expect(decodeCursor(any, encodeCursor({ name }))).toEqual({ name });
      }),
    );
  });

  it('is nothing at the beginning', () => {
    expect(decodeCursor(position, undefined)).toBeNull();
  });

  it.each(['', 'x', '%%%', encodeCursor({ id: 'text' }), encodeCursor([1]), encodeCursor({ id: 1, more: 2 })])(
    'is refused as bad input when it is "%s"',
    (cursor) => {
      let thrown: unknown;
      try {
        decodeCursor(position, cursor);
      } catch (error) {
        thrown = error;
      }
      expect(isLatchkeyError(thrown, 'invalid-input')).toBe(true);
    },
  );
});
