import { describe, expect, it } from '@jest/globals';
import { chipToPicture } from '../align/dlib-chip.ts';
import { fitSimilarity } from '../align/fit-similarity.ts';
import { ImagePyramid } from './image-pyramid.ts';
import { PyramidMemory } from './pyramid-memory.ts';
import { invertSimilarity, mirrorPlanes, type Similarity, transformPoint, warpToPlanes } from './warp.ts';

const plain = { mean: [0, 0, 0], factor: 1 } as const;

/** A picture whose red is x, green is y, blue 7. */
function ramp(width: number, height: number): ImagePyramid {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) data.set([i % width, Math.floor(i / width), 7], i * 3);
  return new ImagePyramid({ width, height, data });
}

function warp(pyramid: ImagePyramid, toSource: Similarity, side: number): number[][] {
  const data = new Float32Array(3 * side * side);
  warpToPlanes(pyramid, toSource, side, plain, data);
  return [0, 1, 2].map((plane) => [...data.subarray(plane * side * side, (plane + 1) * side * side)]);
}

describe('warpToPlanes', () => {
  it('copies pixels as they are where nothing is turned or scaled', () => {
    const [red, green, blue] = warp(ramp(8, 8), { a: 1, b: 0, tx: 2, ty: 3 }, 2);
    expect([red, green, blue]).toEqual([
      [2, 3, 2, 3],
      [3, 3, 4, 4],
      [7, 7, 7, 7],
    ]);
  });

  it('interpolates between pixels', () => {
    const [red, green] = warp(ramp(8, 8), { a: 1, b: 0, tx: 2.25, ty: 3.5 }, 1);
    expect(red).toEqual([2.25]);
    expect(green).toEqual([3.5]);
  });

  it('turns by a right angle', () => {
    // x' = −y + 4, y' = x
    const [red, green] = warp(ramp(4, 4), { a: 0, b: 1, tx: 4, ty: 0 }, 2);
    expect(red).toEqual([3, 3, 2, 2]);
    expect(green).toEqual([0, 1, 0, 1]);
  });

  it('is black outside the picture and fades over its last half pixel', () => {
    const [, , blue] = warp(ramp(4, 4), { a: 1, b: 0, tx: -1.5, ty: 0 }, 3);
    expect(blue?.slice(0, 3)).toEqual([0, 3.5, 7]);
  });

  it('averages rather than skips pixels when it shrinks a picture', () => {
    const data = new Uint8Array(64 * 64 * 3).map((_, i) => (Math.floor(i / 3) % 2 === 0 ? 0 : 200));
    const stripes = new ImagePyramid({ width: 64, height: 64, data });
    const [red] = warp(stripes, { a: 8, b: 0, tx: 0, ty: 0 }, 8);
    expect(new Set(red)).toEqual(new Set([100]));
  });

  it('sees only the newest picture in memory that another had', () => {
    const memory = new PyramidMemory();
    const filled = (side: number, fill: number) =>
      new ImagePyramid({ width: side, height: side, data: new Uint8Array(side * side * 3).fill(fill) }, memory);
    for (const [side, fill] of [
      [64, 200],
      [48, 100],
      [8, 50],
      [64, 10],
    ] as const) {
      const [red] = warp(filled(side, fill), { a: 4, b: 0, tx: 0, ty: 0 }, side / 4);
      expect(new Set(red)).toEqual(new Set([fill]));
    }
  });

  it('normalises with mean and factor', () => {
    const data = new Float32Array(3);
    const normalisation = { mean: [1, 2, 3], factor: 0.5 } as const;
    warpToPlanes(ramp(4, 4), { a: 1, b: 0, tx: 3, ty: 2 }, 1, normalisation, data);
    expect([...data]).toEqual([1, 0, 2]);
  });
});

describe('mirrorPlanes', () => {
  it('turns every row of every plane around', () => {
    const planes = Float32Array.from({ length: 24 }, (_, i) => (i < 12 ? i : 0));
    mirrorPlanes(planes, 0, 12, 2);
    expect([...planes.subarray(12)]).toEqual([1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10]);
  });
});

describe('similarities', () => {
  const turn: Similarity = { a: 1.2, b: -0.7, tx: 40, ty: -3 };

  it('are undone by their inverse', () => {
    const [x, y] = transformPoint(invertSimilarity(turn), ...transformPoint(turn, 12, 34));
    expect(x).toBeCloseTo(12);
    expect(y).toBeCloseTo(34);
  });

  it('are found from points that they moved', () => {
    const from = [0, 0, 10, 0, 3, 7, -4, 2];
    const to = [0, 1, 2, 3].flatMap((i) => transformPoint(turn, from[2 * i] ?? 0, from[2 * i + 1] ?? 0));
    const found = fitSimilarity(from, to);
    for (const key of ['a', 'b', 'tx', 'ty'] as const) expect(found[key]).toBeCloseTo(turn[key]);
  });

  it('never mirror, and do not fail on a single place', () => {
    const mirrored = fitSimilarity([0, 0, 1, 0, 0, 1], [0, 0, -1, 0, 0, 1]);
    expect(mirrored.a * mirrored.a + mirrored.b * mirrored.b).toBeGreaterThanOrEqual(0);
    expect(fitSimilarity([5, 5, 5, 5], [1, 2, 1, 2])).toEqual({ a: 1, b: 0, tx: -4, ty: -3 });
  });
});

describe('chipToPicture', () => {
  it('follows a face that moves, grows and tilts', () => {
    const landmarks = Float32Array.from({ length: 136 }, (_, i) => Math.sin(i * 12.9898) * 40 + 100);
    const moved: Similarity = { a: 1.5, b: 0.4, tx: -20, ty: 9 };
    const after = new Float32Array(136);
    for (let i = 0; i < 136; i += 2) after.set(transformPoint(moved, landmarks[i] ?? 0, landmarks[i + 1] ?? 0), i);
    const expected = transformPoint(moved, ...transformPoint(chipToPicture(landmarks, 150), 30, 60));
    const found = transformPoint(chipToPicture(after, 150), 30, 60);
    expect(found[0]).toBeCloseTo(expected[0], 2);
    expect(found[1]).toBeCloseTo(expected[1], 2);
  });
});
