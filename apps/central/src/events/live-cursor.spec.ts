import { describe, expect, it } from '@jest/globals';
import { compareCursors, formatCursor, parseCursor } from './live-cursor.ts';

describe('live cursors', () => {
  it.each([
    { xid: '0', position: '0' },
    { xid: '9223372036854775807', position: '123456789012345678' },
  ])('come back as they were written: $xid-$position', (cursor) => {
    expect(parseCursor(formatCursor(cursor))).toEqual(cursor);
  });

  it.each([
    '',
    '1',
    '1-',
    '-1',
    '1-2-3',
    'a-b',
    '1-2 ',
    '1'.repeat(25),
    `1-${'2'.repeat(25)}`,
    "1-2'; DROP TABLE event",
  ])('refuse %j', (text) => {
    expect(() => parseCursor(text)).toThrow(expect.objectContaining({ code: 'invalid-input' }));
  });

  it.each([
    ['5-9', '6-1', -1],
    ['10-1', '9-100', 1],
    ['7-3', '7-12', -1],
    ['7-12', '7-12', 0],
    ['9007199254740993-1', '9007199254740992-1', 1],
  ])('%s and %s compare as numbers, transaction first', (a, b, expected) => {
    expect(compareCursors(parseCursor(a), parseCursor(b))).toBe(expected);
  });
});
