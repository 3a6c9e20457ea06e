import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeBlazeface } from '../networks/blazeface/decode.ts';
import type { PointedBox } from '../networks/scored-box.ts';
import { mergeDetections } from './merge-detections.ts';
import { intersectionOverSmaller, intersectionOverUnion } from './overlap.ts';
import { planScan } from './scan-plan.ts';

const face = (x: number, y: number, size: number, score: number): PointedBox => ({
  x,
  y,
  width: size,
  height: size,
  score,
  points: Float32Array.from({ length: 12 }, (_, i) => (i % 2 === 0 ? x : y)),
});

describe('overlap', () => {
  it.each([
    ['the same box', face(0, 0, 10, 1), 1, 1],
    ['a box beside', face(10, 0, 10, 1), 0, 0],
    ['half a box', face(5, 0, 10, 1), 1 / 3, 0.5],
    ['a box inside', face(2, 2, 5, 1), 0.25, 1],
    ['an empty box', face(2, 2, 0, 1), 0, 0],
  ])('measures %s', (_, other, union, smaller) => {
    expect(intersectionOverUnion(face(0, 0, 10, 1), other)).toBeCloseTo(union);
    expect(intersectionOverSmaller(face(0, 0, 10, 1), other)).toBeCloseTo(smaller);
  });
});

describe('mergeDetections', () => {
  it('makes one face of a heap, placed by its scores', () => {
    const [merged, ...rest] = mergeDetections([face(0, 0, 100, 0.6), face(10, 0, 100, 0.9)]);
    expect(rest).toEqual([]);
    expect(merged?.score).toBe(0.9);
    expect(merged?.x).toBeCloseTo(6);
    expect(merged?.points[0]).toBeCloseTo(6);
  });

  it('keeps faces side by side, surest first', () => {
    expect(
      mergeDetections([face(0, 0, 50, 0.7), face(45, 0, 50, 0.8), face(200, 0, 50, 0.6)]).map(({ x }) => x),
    ).toEqual([45, 0, 200]);
  });

  it('drops a part of a face that was seen at another scale', () => {
    expect(mergeDetections([face(0, 0, 100, 0.9), face(20, 60, 30, 0.6)])).toHaveLength(1);
  });

  it('has nothing to do without detections', () => {
    expect(mergeDetections([])).toEqual([]);
  });
});

describe('decodeBlazeface', () => {
  const outputs = (): { shape: number[]; data: Float32Array }[] => [
    { shape: [1, 512, 1], data: new Float32Array(512).fill(-20) },
    { shape: [1, 384, 1], data: new Float32Array(384).fill(-20) },
    { shape: [1, 512, 16], data: new Float32Array(512 * 16) },
    { shape: [1, 384, 16], data: new Float32Array(384 * 16) },
  ];

  it('places a face of the fine layer around its cell', () => {
    const tensors = outputs();
    // Second place of the cell in row 2, column 3: its centre is (56, 40).
    const place = (2 * 16 + 3) * 2 + 1;
    tensors[0]?.data.set([2], place);
    tensors[2]?.data.set([4, -6, 30, 20, 1, 2], place * 16);
    const [found, ...rest] = decodeBlazeface(tensors, 0, 0.5);
    expect(rest).toEqual([]);
    expect(found).toMatchObject({ x: 45, y: 24, width: 30, height: 20 });
    expect(found?.score).toBeCloseTo(0.8808, 4);
    expect([...(found?.points.subarray(0, 2) ?? [])]).toEqual([57, 42]);
  });

  it('reads the coarse layer too and leaves out weak scores', () => {
    const tensors = outputs();
    tensors[1]?.data.set([0.1], 6 * 9);
    tensors[3]?.data.set([0, 0, 64, 64], 6 * 9 * 16);
    expect(decodeBlazeface(tensors, 0, 0.5)).toMatchObject([{ x: 16, y: 16, width: 64 }]);
    expect(decodeBlazeface(tensors, 0, 0.6)).toEqual([]);
  });
});

describe('planScan', () => {
  const limits = { margin: 0.25, smallestInWhole: 8.7 / 256, smallestInTiles: 14 / 256, step: 4 };

  it('looks once at a camera frame and more closely at a large photograph', () => {
    expect(planScan(640, 480, 33, limits).flat()).toHaveLength(1);
    expect(planScan(1920, 1080, 60, limits).flat().length).toBeGreaterThan(1);
  });

  it('shows every face that is large enough whole and large enough to some tile', () => {
    const scene = fc.record({
      width: fc.integer({ min: 16, max: 9000 }),
      height: fc.integer({ min: 16, max: 9000 }),
      minBoxPx: fc.integer({ min: 24, max: 200 }),
      size: fc.double({ min: 0, max: 1, noNaN: true }),
      x: fc.double({ min: 0, max: 1, noNaN: true }),
      y: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(scene, ({ width, height, minBoxPx, ...place }) => {
        const shorter = Math.min(width, height);
        fc.pre(shorter >= minBoxPx);
        const size = minBoxPx + place.size * (shorter - minBoxPx);
        const left = place.x * (width - size);
        const top = place.y * (height - size);
        return planScan(width, height, minBoxPx, limits)
          .flat()
          .some(
            ({ x, y, side }) =>
              left >= x && top >= y && left + size <= x + side && top + size <= y + side && (size * 256) / side >= 8.6,
          );
      }),
      { numRuns: 500 },
    );
  });
});
