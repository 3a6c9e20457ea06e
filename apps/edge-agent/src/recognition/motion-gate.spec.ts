import { describe, expect, it } from '@jest/globals';
import { countedCells, gridHeight, gridWidth } from '../camera/luma-grid.ts';
import { MotionGate } from './motion-gate.ts';

/** A grid of one brightness with a square of so many cells in another. */
function grid(luma: number, square: { at: number; side: number; luma: number } | null = null, noise = 0) {
  const cells = new Uint8Array(gridWidth * gridHeight);
  for (let cell = 0; cell < cells.length; cell++) {
    const x = cell % gridWidth;
    const y = Math.floor(cell / gridWidth);
    const inside = square && x >= square.at && x < square.at + square.side && y < square.side;
    cells[cell] = (inside ? square.luma : luma) + (((cell * 7919) % 3) - 1) * noise;
  }
  return { cells, samples: cells };
}

const everything = countedCells(null, []);

/** How many of so many frames, ten a second, are analysed, each for 20 ms and with so many faces. */
function analysed(
  gate: MotionGate,
  frames: number,
  show: (i: number) => ReturnType<typeof grid>,
  faces = 0,
  costMs = 20,
) {
  let count = 0;
  for (let i = 0; i < frames; i++) {
    const nowMs = 10_000 + i * 100;
    if (!gate.admits(show(i), nowMs)) continue;
    count++;
    gate.analysed(faces, nowMs, nowMs + costMs);
  }
  return count;
}

describe('frames that are analysed', () => {
  it('are one in two seconds of an empty room, noise and slow daylight or not', () => {
    expect(analysed(new MotionGate(everything), 200, () => grid(80))).toBe(10);
    expect(analysed(new MotionGate(everything), 200, (i) => grid(60 + i / 20, null, i % 3))).toBe(10);
  });

  it('are all of them while something the size of a face moves', () => {
    const moving = (i: number) => grid(80, { at: (i * 2) % 50, side: 3, luma: 140 });
    expect(analysed(new MotionGate(everything), 100, moving)).toBe(100);
  });

  it('are all of them around a face that does not move, and two seconds longer', () => {
    const gate = new MotionGate(everything);
    expect(analysed(gate, 30, () => grid(80), 1)).toBe(30);
    expect(gate.admits(grid(80), 14_800)).toBe(true);
    gate.analysed(0, 14_800, 14_820);
    expect(gate.admits(grid(80), 15_000)).toBe(false);
  });

  it('leave an eighth of a second between two looks at a still room', () => {
    const gate = new MotionGate(everything);
    expect([10_000, 10_030, 10_100, 10_500].map((nowMs) => gate.restMs(10_000, nowMs))).toEqual([125, 95, 25, 0]);
  });

  it('are none for what moves outside of the region or behind a mask', () => {
    const left = countedCells({ x: 0, y: 0, width: 0.5, height: 1 }, []);
    const right = countedCells(null, [{ x: 0.5, y: 0, width: 0.5, height: 1 }]);
    const beside = (i: number) => grid(80, { at: 40 + (i % 10), side: 3, luma: 200 });
    expect(analysed(new MotionGate(left), 100, beside)).toBe(5);
    expect(analysed(new MotionGate(right), 100, beside)).toBe(5);
  });

  it('take at most half of the time while things move that are no faces', () => {
    const moving = (i: number) => grid(80, { at: (i * 5) % 50, side: 6, luma: i % 2 ? 20 : 200 });
    const count = analysed(new MotionGate(everything), 100, moving, 0, 200);
    expect(count).toBeGreaterThan(20);
    expect(count).toBeLessThanOrEqual(26);
    expect(analysed(new MotionGate(everything), 100, moving, 1, 200)).toBe(100);
  });
});
