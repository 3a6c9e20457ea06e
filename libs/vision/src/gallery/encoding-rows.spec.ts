import { describe, expect, it } from '@jest/globals';
import { RowBlock } from './encoding-rows.ts';

const block = () => new RowBlock(2, (length) => new Float32Array(length));

describe('a block of rows', () => {
  it('wipes what is removed, and closes the gap with the last row', () => {
    const rows = block();
    for (const row of [1, 2, 3]) rows.push([row, row]);
    rows.remove(0);
    expect([...rows.used]).toEqual([3, 3, 2, 2]);
    rows.remove(1);
    rows.remove(0);
    expect(rows.values.every((value) => value === 0)).toBe(true);
    expect(rows.count).toBe(0);
  });

  it('leaves nothing in the memory that it has outgrown', () => {
    const rows = block();
    const first = rows.values;
    for (let row = 0; row < 65; row++) rows.push([7, 7]);
    expect(rows.values).not.toBe(first);
    expect(first.every((value) => value === 0)).toBe(true);
    expect(rows.used).toHaveLength(130);
  });
});
