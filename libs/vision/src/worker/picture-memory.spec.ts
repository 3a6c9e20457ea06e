import { describe, expect, it } from '@jest/globals';
import { PictureMemory } from './picture-memory.ts';

const picture = (length: number, fill: number) => new Uint8Array(length).fill(fill);

describe('PictureMemory', () => {
  it('copies into a buffer that was given back', () => {
    const memory = new PictureMemory();
    const first = memory.copyOf(picture(12, 1));
    memory.giveBack(first.buffer);
    const second = memory.copyOf(picture(9, 2));
    expect(second.buffer).toBe(first.buffer);
    expect([...second]).toEqual([...picture(9, 2)]);
  });

  it('never gives one buffer to two pictures', () => {
    const memory = new PictureMemory();
    memory.giveBack(new ArrayBuffer(12));
    const [one, other] = [memory.copyOf(picture(12, 1)), memory.copyOf(picture(12, 2))];
    expect(one.buffer).not.toBe(other.buffer);
    expect(new Set(one)).toEqual(new Set([1]));
  });

  it.each([
    ['too small', 11],
    ['more than twice too large', 25],
  ])('leaves a buffer that is %s', (_, length) => {
    const memory = new PictureMemory();
    const buffer = new ArrayBuffer(length);
    memory.giveBack(buffer);
    expect(memory.copyOf(picture(12, 1)).buffer.byteLength).toBe(12);
  });

  it('keeps the two that were given back last', () => {
    const memory = new PictureMemory();
    const buffers = [1, 2, 3].map(() => new ArrayBuffer(12));
    for (const buffer of buffers) memory.giveBack(buffer);
    const taken = [1, 2, 3].map(() => memory.copyOf(picture(12, 1)).buffer);
    expect(taken.slice(0, 2)).toEqual(buffers.slice(1));
    expect(buffers).not.toContain(taken[2]);
  });
});
