import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { distance, encodingFromBytes, encodingToBytes } from './encoding.ts';

const of = (modelId: string, ...values: number[]) => ({ modelId, values: Float32Array.from(values) });

describe('distance of encodings', () => {
  it('is Euclidean', () => {
    expect(distance(of('m', 0, 0), of('m', 3, 4))).toBe(5);
    expect(distance(of('m', 1, 2), of('m', 1, 2))).toBe(0);
  });

  it('does not exist between two models or two lengths', () => {
    expect(() => distance(of('a', 1), of('b', 1))).toThrow(expect.objectContaining({ code: 'model-mismatch' }));
    expect(() => distance(of('a', 1), of('a', 1, 2))).toThrow(expect.objectContaining({ code: 'model-mismatch' }));
  });

  it('is symmetric and keeps the triangle inequality', () => {
    const vector = fc.array(fc.float({ min: -4, max: 4, noNaN: true }), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(vector, vector, vector, (a, b, c) => {
        const [x, y, z] = [of('m', ...a), of('m', ...b), of('m', ...c)];
        expect(distance(x, y)).toBe(distance(y, x));
        expect(distance(x, z)).toBeLessThanOrEqual(distance(x, y) + distance(y, z) + 1e-5);
      }),
    );
  });
});

describe('bytes of an encoding', () => {
  it('are little-endian float32', () => {
    expect([...encodingToBytes(Float32Array.of(1, -2))]).toEqual([0, 0, 128, 63, 0, 0, 0, 192]);
  });

  it('give the same values back, also from the middle of a buffer', () => {
    const values = Float32Array.of(0.1, -0.25, 3e-8, 123.5);
    const padded = new Uint8Array(20);
    padded.set(encodingToBytes(values), 3);
    expect(encodingFromBytes(padded.subarray(3, 19))).toEqual(values);
  });

  it.each([
    ['none', []],
    ['not a multiple of four', [0, 0, 0]],
    ['NaN', [0, 0, 192, 127]],
    ['infinity', [0, 0, 128, 127]],
  ])('are refused: %s', (_, bytes) => {
    expect(() => encodingFromBytes(Uint8Array.from(bytes))).toThrow(expect.objectContaining({ code: 'invalid-input' }));
  });
});
