import { describe, expect, it } from '@jest/globals';
import { importFaceApiWeights } from './face-api-manifest.ts';
import { depthwiseFromTensorFlow, filtersFromTensorFlow } from './filter-layout.ts';
import { decodeWeights, halfToNumber } from './weight-dtype.ts';

const bytesOf = (...values: number[]): Uint8Array => Uint8Array.from(values);
const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);
const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

describe('decodeWeights', () => {
  const entry = { name: 'w', shape: [2], dtype: 'float32' } as const;
  it.each([
    ['float32', entry, floats(1.5, -2), [1.5, -2]],
    ['int32', { ...entry, dtype: 'int32' as const }, new Uint8Array(Int32Array.of(-7, 300).buffer), [-7, 300]],
    ['bool', { ...entry, dtype: 'bool' as const }, bytesOf(0, 1), [0, 1]],
    [
      'uint8',
      { ...entry, quantization: { dtype: 'uint8' as const, scale: 0.5, min: -1 } },
      bytesOf(0, 255),
      [-1, 126.5],
    ],
    [
      'uint16',
      { ...entry, quantization: { dtype: 'uint16' as const, scale: 2, min: 1 } },
      bytesOf(1, 0, 0, 1),
      [3, 513],
    ],
    ['float16', { ...entry, quantization: { dtype: 'float16' as const } }, bytesOf(0x00, 0x3c, 0x00, 0xc1), [1, -2.5]],
  ])('reads %s', (_, weight, bytes, expected) => {
    expect([...decodeWeights({ ...weight, shape: [2] }, bytes)]).toEqual(expected);
  });

  it('refuses values that are not finite and quantisation without a scale', () => {
    expect(() => decodeWeights({ ...entry, shape: [1] }, floats(Number.NaN))).toThrow(
      expect.objectContaining({ code: 'model-corrupt' }),
    );
    expect(() => decodeWeights({ ...entry, shape: [2], quantization: { dtype: 'uint8' } }, bytesOf(1, 2))).toThrow(
      expect.objectContaining({ code: 'model-corrupt' }),
    );
  });

  it('knows the odd half-precision numbers', () => {
    expect(halfToNumber(0x0001)).toBe(2 ** -24);
    expect(halfToNumber(0x7bff)).toBe(65504);
    expect(halfToNumber(0xfc00)).toBe(Number.NEGATIVE_INFINITY);
    expect(halfToNumber(0x7e00)).toBeNaN();
  });
});

describe('filter layouts', () => {
  it('turns [height, width, in, out] into [out, in, height, width]', () => {
    const turned = filtersFromTensorFlow({
      name: 'f',
      shape: [1, 2, 2, 2],
      data: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8),
    });
    expect(turned.shape).toEqual([2, 2, 1, 2]);
    expect([...turned.data]).toEqual([1, 5, 3, 7, 2, 6, 4, 8]);
  });

  it('turns depthwise filters into one group per channel', () => {
    const turned = depthwiseFromTensorFlow({ name: 'd', shape: [1, 2, 2, 1], data: Float32Array.of(1, 2, 3, 4) });
    expect(turned.shape).toEqual([2, 1, 1, 2]);
    expect([...turned.data]).toEqual([1, 3, 2, 4]);
  });
});

describe('importFaceApiWeights', () => {
  const manifest = json([
    {
      paths: ['m.bin'],
      weights: [
        { name: 'a', shape: [2], dtype: 'float32', quantization: { dtype: 'uint8', scale: 1, min: 0 } },
        { name: 'b', shape: [1], dtype: 'float32' },
      ],
    },
  ]);
  const weights = Uint8Array.of(3, 4, ...floats(0.5));

  it('hands out weights by name and shape', () => {
    const map = importFaceApiWeights('m', manifest, weights);
    expect([...map.expect('a', [2]).data]).toEqual([3, 4]);
    expect([...map.get('b').data]).toEqual([0.5]);
    expect(() => map.assertAllRead()).not.toThrow();
  });

  it.each<[string, () => unknown, RegExp]>([
    [
      'a truncated file',
      () => importFaceApiWeights('m', manifest, weights.subarray(0, 5)),
      /5 bytes.*asks for 6.*truncated/,
    ],
    ['a file that is too long', () => importFaceApiWeights('m', manifest, Uint8Array.of(...weights, 0)), /7 bytes/],
    ['a manifest that is no JSON', () => importFaceApiWeights('m', bytesOf(1, 2), weights), /no JSON/],
    ['a manifest of another form', () => importFaceApiWeights('m', json({ a: 1 }), weights), /form of a model file/],
    [
      'a weight of another shape',
      () => importFaceApiWeights('m', manifest, weights).expect('a', [3]),
      /\[2\], expected \[3\]/,
    ],
    ['a weight that is not there', () => importFaceApiWeights('m', manifest, weights).get('c'), /no weight "c"/],
    ['weights that nobody asks for', () => importFaceApiWeights('m', manifest, weights).assertAllRead(), /2 weights/],
  ])('refuses %s as model-corrupt', (_, act, message) => {
    expect(act).toThrow(expect.objectContaining({ code: 'model-corrupt' }));
    expect(act).toThrow(message);
  });
});
